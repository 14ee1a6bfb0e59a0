package dev.ssehub.redis;

import module java.base;

/**
 * The end of the time for something.
 *
 * @param nanoTime the end, as {@link System#nanoTime}
 */
record Deadline(long nanoTime) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Returns the deadline of the first of several attempts, which share the time that is left. */
    Deadline ofFirst(int attempts) {
        long now = System.nanoTime();
        return new Deadline(now + (nanoTime - now) / attempts);
    }

    /** Returns the milliseconds that are left, but at least 1, because 0 means forever where a timeout is expected. */
    int millisLeft() {
        return Math.clamp(TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime()), 1, Integer.MAX_VALUE);
    }
}
