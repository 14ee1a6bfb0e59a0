package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;

/**
 * Items that this node sends to Redis in one exchange. A thread waits for the result.
 *
 * @param items are sent in this order; there may be none
 * @param count gets the number of the newest entry of the stream, or a {@link HistoryUnavailableException}
 */
record Request(List<Pending> items, CompletableFuture<Long> count) {
    static Request of(List<Pending> items) {
        return new Request(items, new CompletableFuture<>());
    }

    /** Tells the waiting thread that the exchange has failed. */
    void fail(HistoryUnavailableException why) {
        items.forEach(item -> item.fail(why));
        count.completeExceptionally(why);
    }
}
