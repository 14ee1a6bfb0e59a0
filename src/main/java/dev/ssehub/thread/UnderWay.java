package dev.ssehub.thread;

import module java.base;

/** Counts the calls of one kind that have begun and not ended, so that a thread can wait until there are none. Thread-safe. */
public final class UnderWay {
    // Each call holds a permit. A thread that gets all permits knows that no call is under way.

    private static final int MAX = Integer.MAX_VALUE;

    private final Semaphore permits = new Semaphore(MAX);

    /** Begins a call. Does not wait: there are not so many calls. The caller must call {@link #end} in all cases. */
    public void begin() {
        permits.acquireUninterruptibly();
    }

    /** Ends a call. */
    public void end() {
        permits.release();
    }

    /** Waits until no call is under way, but not longer than this. */
    public void awaitNone(Duration timeout) throws InterruptedException {
        if (permits.tryAcquire(MAX, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            permits.release(MAX);
        }
    }
}
