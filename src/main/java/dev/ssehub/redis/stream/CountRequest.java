package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;

/**
 * Asks for the number of the newest entry of the stream.
 *
 * @param count gets the number, or a {@link HistoryUnavailableException}
 */
record CountRequest(CompletableFuture<Long> count) implements Request {
    @Override
    public void fail(HistoryUnavailableException why) {
        count.completeExceptionally(why);
    }
}
