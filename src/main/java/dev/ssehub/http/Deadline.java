package dev.ssehub.http;

import java.time.Duration;

/** Until when a connection's thread must have done what it is at. Set by that thread, checked by the watch. */
final class Deadline {

    // An interrupt ends what the thread waits for, and closes its socket, also under TLS. It must not hit a thread that has
    // moved on, to a stream above all: so the deadline is looked at and the thread interrupted under the same lock under
    // which it is set and cleared. Once clear has returned, there is no interrupt any more. One that came before stays: the
    // thread was late, and ends at its next read or write.

    private final Thread thread;
    private boolean isSet;
    private long end;
    private boolean missed;

    Deadline(Thread thread) {
        this.thread = thread;
    }

    /** So long from now; it takes the place of the one before. */
    synchronized void set(Duration limit) {
        isSet = true;
        end = System.nanoTime() + limit.toNanos();
    }

    /** From now on the thread may take as long as it likes. */
    synchronized void clear() {
        isSet = false;
    }

    /** Ends what the thread is at if it should be done. */
    synchronized void check(long now) {
        if (isSet && now - end >= 0) {
            isSet = false;
            missed = true;
            thread.interrupt();
        }
    }

    /** Whether the thread was interrupted. */
    synchronized boolean missed() {
        return missed;
    }

    /** Whether nobody is left whom it could concern. */
    boolean isOver() {
        return !thread.isAlive();
    }
}
