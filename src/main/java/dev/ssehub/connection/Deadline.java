package dev.ssehub.connection;

import module java.base;
import dev.ssehub.metrics.Limit;
import org.jspecify.annotations.Nullable;

/** The deadline for the current step of a connection's thread. The thread sets the deadline, and the watch checks it. */
final class Deadline {
    // An interrupt ends any wait of the thread and closes its socket, also with TLS. A late interrupt must not end the next step,
    // or a stream. So the watch holds the monitor while it checks the time and interrupts, and the thread holds it to set or
    // clear the deadline. No interrupt follows after clear() has returned. An earlier interrupt stays pending and ends the
    // thread's next read or write.

    /** Why a connection stops serving requests, and the limit that it has reached, if that is the reason. */
    enum End {
        /** The client or the server has closed the connection, or the connection has become a stream. */
        DONE(null),
        /** The client has missed the deadline. */
        LATE(Limit.REQUEST_TIME),
        /** Connections were scarce, and this connection had waited longest. */
        EVICTED(Limit.CONNECTIONS),
        /** There was no memory for the headers of the request. */
        NO_HEADER_MEMORY(Limit.HEADER_SIZE);

        final @Nullable Limit limit;

        End(@Nullable Limit limit) {
            this.limit = limit;
        }
    }

    private final Thread thread;
    private final LongSupplier nanoTime;
    private boolean isSet;
    private long beginNanos;
    private long endNanos;
    private End end = End.DONE;

    Deadline(Thread thread, LongSupplier nanoTime) {
        this.thread = thread;
        this.nanoTime = nanoTime;
    }

    /** Begins a step that must finish within the limit. */
    synchronized void set(Duration limit) {
        isSet = true;
        beginNanos = nanoTime.getAsLong();
        endNanos = beginNanos + limit.toNanos();
    }

    synchronized void clear() {
        isSet = false;
    }

    /** Interrupts the thread if the deadline has passed. */
    synchronized void check(long nowNanos) {
        if (isSet && nowNanos - endNanos >= 0) {
            interrupt(End.LATE);
        }
    }

    /** Returns the duration of the current step in nanoseconds, or 0 without a deadline. */
    synchronized long age(long nowNanos) {
        return isSet ? nowNanos - beginNanos : 0;
    }

    /** Interrupts the thread to make room, if it is still in the step that had this age at this time. */
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

    /** Returns whether the thread was interrupted and has not begun a new step. */
    synchronized boolean isEnding() {
        return !isSet && end != End.DONE;
    }

    /** Returns why the thread was interrupted, or {@code DONE} if it was not. */
    synchronized End end() {
        return end;
    }
}
