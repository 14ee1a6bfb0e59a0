package dev.ssehub.connection;

import java.time.Duration;

/** Until when a connection's thread must have done what it is at. Set by that thread, checked by the watch. */
public final class Deadline {

    // An interrupt ends what the thread waits for, and closes its socket, also under TLS. It must not hit a thread that has
    // moved on, to a stream above all: so the deadline is looked at and the thread interrupted under the same lock under
    // which it is set and cleared. Once clear has returned, there is no interrupt any more. One that came before stays: the
    // thread ends at its next read or write.

    private final Thread thread;
    private boolean isSet;
    private long begin;
    private long end;
    private ConnectionEnd how = ConnectionEnd.WELL;

    Deadline(Thread thread) {
        this.thread = thread;
    }

    /** So long from now; it takes the place of the one before. */
    public synchronized void set(Duration limit) {
        isSet = true;
        begin = System.nanoTime();
        end = begin + limit.toNanos();
    }

    /** From now on the thread may take as long as it likes. */
    synchronized void clear() {
        isSet = false;
    }

    /** Ends what the thread is at if it should be done. */
    public synchronized void check(long now) {
        if (isSet && now - end >= 0) {
            interrupt(ConnectionEnd.LATE);
        }
    }

    /** For how long the thread has been at what it is at, in nanoseconds. */
    synchronized long age(long now) {
        return isSet ? now - begin : 0;
    }

    /** Ends what the thread is at, for the good of others, if it is still at what it was at for so long. */
    synchronized void giveWay(long now, long age) {
        if (isSet && now - begin == age) {
            interrupt(ConnectionEnd.GAVE_WAY);
        }
    }

    private void interrupt(ConnectionEnd why) {
        isSet = false;
        how = why;
        thread.interrupt();
    }

    /** Whether the thread was interrupted, and has not gone on. */
    synchronized boolean isEnding() {
        return !isSet && how != ConnectionEnd.WELL;
    }

    /** How it ended: well, unless the thread was interrupted. */
    synchronized ConnectionEnd how() {
        return how;
    }
}
