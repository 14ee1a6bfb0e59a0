package dev.ssehub.connection;

import dev.ssehub.metrics.Limit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The time by which a connection's thread must finish its current step. The thread sets it, the watch checks it. */
final class Deadline {

    // An interrupt ends whatever the thread waits for, and closes its socket, over TLS as well. It must not hit a thread that has
    // moved on, above all to a stream. So the watch holds the lock while it checks the time and interrupts, and the thread needs
    // the same lock to set or clear the deadline. After clear() has returned, no interrupt follows. An interrupt that came before
    // stays pending: the thread ends at its next read or write.

    /** How a connection stops serving requests. */
    enum End {
        /** The client has left or was told to leave, or the connection has become a stream. */
        DONE(null),
        /** The client has kept a request waiting for too long. */
        LATE(Limit.REQUEST_TIME),
        /** Connections were scarce, and this one had waited longest. */
        EVICTED(Limit.CONNECTIONS),
        /** There was no memory for the headers of a request. */
        NO_HEADER_MEMORY(Limit.HEADER_SIZE);

        /** The limit that was reached. */
        final @Nullable Limit limit;

        End(@Nullable Limit limit) {
            this.limit = limit;
        }
    }

    private final Thread thread;
    private boolean isSet;
    private long beginNanos;
    private long endNanos;
    private End end = End.DONE;

    Deadline(Thread thread) {
        this.thread = thread;
    }

    /** Begins a step that must be finished within this time. */
    synchronized void set(Duration limit) {
        isSet = true;
        beginNanos = System.nanoTime();
        endNanos = beginNanos + limit.toNanos();
    }

    /** Removes the deadline. */
    synchronized void clear() {
        isSet = false;
    }

    /** Interrupts the thread if the time is over. */
    synchronized void check(long nowNanos) {
        if (isSet && nowNanos - endNanos >= 0) {
            interrupt(End.LATE);
        }
    }

    /** Returns how long the current step has taken, in nanoseconds; 0 without a deadline. */
    synchronized long age(long nowNanos) {
        return isSet ? nowNanos - beginNanos : 0;
    }

    /** Interrupts the thread to make room, if it is still in the step that had this age. */
    synchronized void evict(long nowNanos, long age) {
        if (isSet && nowNanos - beginNanos == age) {
            interrupt(End.EVICTED);
        }
    }

    private void interrupt(End why) {
        isSet = false;
        end = why;
        thread.interrupt();
    }

    /** Returns whether the thread was interrupted and has not begun another step. */
    synchronized boolean isEnding() {
        return !isSet && end != End.DONE;
    }

    /** Returns why the thread was interrupted; {@code DONE} if it was not. */
    synchronized End end() {
        return end;
    }
}
