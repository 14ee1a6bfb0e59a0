package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.event.HubId;

/** The time of Redis, which gives the ids. Thread-safe. */
final class RedisClock {
    private final LongSupplier nanoTime;
    private volatile long offsetMillis;

    RedisClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes a reading of the time, in epoch milliseconds. */
    void set(long millis) {
        offsetMillis = millis - TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    /** Returns how long ago the event of a position was published, in milliseconds. */
    long ageMillis(long position) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong()) + offsetMillis - HubId.millis(position));
    }
}
