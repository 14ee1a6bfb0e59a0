package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.thread.Turns;
import org.jspecify.annotations.Nullable;

/** An update on its way into the history, and the receipt for its publisher. */
public abstract class Addition {
    // The memory history completes an addition before the publisher waits for it. The file history completes it on its own thread.

    private final long position;
    private final Update update;
    private @Nullable String id;
    private @Nullable HistoryUnavailableException failure;
    private volatile boolean done;
    private volatile @Nullable Thread waiting;

    /** @param position the position of the event that the update becomes */
    protected Addition(long position, Update update) {
        this.position = position;
        this.update = update;
    }

    public final long position() {
        return position;
    }

    public final Update update() {
        return update;
    }

    /** Returns how long ago the update was published, in milliseconds. */
    public long ageMillis() {
        return 0;
    }

    /** Returns whether the history must find out if the update repeats an event. */
    public boolean mayBeRepetition() {
        return true;
    }

    /**
     * Called when the event is in the history, before {@link #await} returns: in the order of positions, by one thread at a time, and
     * without a lock of the history.
     */
    protected abstract void added(Event event);

    /** Delivers the event, which is in the history, and completes the addition. Called by the history. */
    public final void complete(Event event) {
        added(event);
        finish(event.id());
    }

    /** Completes an addition that repeats an event that the history holds. It is not delivered. Called by the history. */
    public final void repeated() {
        finish(update.id());
    }

    /** Tells the publisher that the event is not in the history, unless the addition is complete. Called by the history. */
    public final void fail(HistoryUnavailableException why) {
        if (!done) {
            failure = why;
            finish(null);
        }
    }

    private void finish(@Nullable String result) {
        id = result;
        done = true;
        LockSupport.unpark(waiting);
    }

    /**
     * Blocks until the event is in the history. An interrupt does not end the wait, which is short.
     *
     * @return the id that subscribers see
     * @throws HistoryUnavailableException if the history could not take the event
     */
    public final String await() {
        if (!done) {
            Turns.withoutTurn(this::awaitDone);
        }
        if (failure != null) {
            throw new HistoryUnavailableException(String.valueOf(failure.getMessage()), failure);
        }
        return Objects.requireNonNull(id);
    }

    private void awaitDone() {
        boolean interrupted = false;
        waiting = Thread.currentThread();
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
