package dev.ssehub.hub;

import module java.base;

/**
 * How the streams of a hub end when it stops: not all in the same instant, and each with a reconnection time of its own, so that
 * their clients do not come back in the same instant either.
 *
 * @param timeout the time that the streams get to receive what waits for them
 * @param retry the shortest reconnection time
 * @param retrySpread the window after it over which the reconnection times are spread
 */
public record Drain(Duration timeout, Duration retry, Duration retrySpread) {
    /** Few streams end faster than in the part of the timeout that many streams take. */
    private static final long NANOS_PER_STREAM = TimeUnit.MILLISECONDS.toNanos(1);

    /** Returns the reconnection time of one of several streams, in milliseconds: a random time in its part of the window. */
    long retryMillis(int index, int count) {
        double place = (index + ThreadLocalRandom.current().nextDouble()) / count;
        return retry.toMillis() + (long) (retrySpread.toMillis() * place);
    }

    /** Returns when one of several streams begins to end, in nanoseconds after the first. */
    long nanosBefore(int index, int count) {
        return Math.min(timeout.toNanos() / 3, NANOS_PER_STREAM * count) * index / count;
    }

    /** Returns the time after which a stream ends although events still wait for it. The rest is for its last line. */
    long flushNanos() {
        return timeout.toNanos() * 3 / 4;
    }
}
