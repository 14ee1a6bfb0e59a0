package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Transport.Publication;
import dev.ssehub.thread.Turns;
import org.jspecify.annotations.Nullable;

/** An item of this node that is under way, and the thread that waits for it. Thread-safe. */
final class Pending {
    // The writer learns what became of the item, and the reader finds its entry in the stream. Either can come first.
    // The waiting thread goes on when this node has handled the entry. If that takes too long, but Redis has taken the
    // item, the thread goes on, too.

    private final Item item;
    private final @Nullable Publication publication;
    /** Gets what waits for the history, and returns the id of the event; {@code null} if there is nothing to wait for. */
    private final CompletableFuture<@Nullable Supplier<String>> handled = new CompletableFuture<>();
    private volatile long number;
    private volatile boolean isGivenUp;
    private volatile Answer.@Nullable Result result;

    Pending(Item item, @Nullable Publication publication) {
        this.item = item;
        this.publication = publication;
    }

    Item item() {
        return item;
    }

    /** Returns what is published, or {@code null} if the item is no event. */
    @Nullable
    Publication publication() {
        return publication;
    }

    /** Takes the number of the item among those of this node. */
    void numbered(long given) {
        number = given;
    }

    /** Returns the number of the item among those of this node, or 0 if it has none yet. */
    long number() {
        return number;
    }

    /** Takes the result of the exchange. A repetition has no entry, so it is handled now. */
    void exchanged(Answer.Result answer) {
        result = answer;
        if (answer instanceof Answer.Repeated) {
            handled.complete(null);
        }
    }

    /** Records that this node has handled the entry. */
    void handled(@Nullable Supplier<String> receipt) {
        handled.complete(receipt);
    }

    /** Records that no thread waits any more. */
    void giveUp() {
        isGivenUp = true;
    }

    boolean isGivenUp() {
        return isGivenUp;
    }

    boolean isDone() {
        return handled.isDone();
    }

    /** Records that the exchange has failed. */
    void fail(HistoryUnavailableException why) {
        handled.completeExceptionally(why);
    }

    /**
     * Waits until this node has handled the item.
     *
     * @return the id of the event
     * @throws HistoryUnavailableException if Redis may not have taken the item
     */
    String await(Duration limit) {
        AtomicBoolean timely = new AtomicBoolean();
        Turns.withoutTurn(() -> timely.set(isHandledWithin(limit)));
        if (timely.get() && handled.isCompletedExceptionally()) {
            Throwable why = handled.exceptionNow();
            throw new HistoryUnavailableException(String.valueOf(why.getMessage()), why);
        }
        Supplier<String> receipt = timely.get() ? handled.join() : null;
        if (receipt != null) {
            return receipt.get();
        }
        String ownId = item.ownId();
        if (ownId != null && result != null) {
            return ownId;
        }
        if (result instanceof Answer.Added added) {
            return Place.id(added.place());
        }
        if (timely.get()) {
            return "";
        }
        throw new HistoryUnavailableException("the hub does not know whether Redis has taken the event: Redis does not answer");
    }

    /** Waits for a limited time. An interrupt does not end the wait. */
    private boolean isHandledWithin(Duration limit) {
        boolean interrupted = false;
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (true) {
                try {
                    handled.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return true;
                } catch (ExecutionException _) {
                    return true;
                } catch (TimeoutException _) {
                    return false;
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
