package dev.ssehub.limit;

import module java.base;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;

/** Limits the events of each publisher with a token bucket. A {@code K} identifies a publisher. Thread-safe. */
public final class PublishRate<K> {
    // An unused bucket is full again after a while, like a new bucket, so the cache can drop it. If there are too many
    // publishers, the cache drops buckets that are not used often or recently.

    private static final int MAX_BUCKETS = 50_000;
    private static final int BURST_SECONDS = 2;

    private final LoadingCache<K, Bucket> buckets;

    /** @param nanoTime a clock that is never set back, so that no publisher waits because of that */
    public PublishRate(int perSecond, LongSupplier nanoTime) {
        Bandwidth rate = Bandwidth.builder().capacity(burst(perSecond))
                .refillGreedy(perSecond, Duration.ofSeconds(1)).build();
        this.buckets = Caffeine.newBuilder().maximumSize(MAX_BUCKETS)
                .expireAfterAccess(Duration.ofSeconds(2 * BURST_SECONDS)).ticker(nanoTime::getAsLong).executor(Runnable::run)
                .build(_ -> Bucket.builder().addLimit(rate).withCustomTimePrecision(new Meter(nanoTime)).build());
    }

    private record Meter(LongSupplier nanoTime) implements TimeMeter {
        @Override
        public long currentTimeNanos() {
            return nanoTime.getAsLong();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }

    /**
     * Counts events and returns zero, or counts none and returns the time that the publisher must wait before it may publish them.
     *
     * @param events up to the {@link #burst}
     */
    public Duration take(K publisher, int events) {
        return Duration.ofNanos(buckets.get(publisher).tryConsumeAndReturnRemaining(events).getNanosToWaitForRefill());
    }

    /** Takes back events that were counted, but not published. */
    public void giveBack(K publisher, int events) {
        buckets.get(publisher).addTokens(events);
    }

    /** Returns how many events a publisher may publish at once after a pause. */
    public static int burst(int perSecond) {
        return (int) Math.min(Integer.MAX_VALUE, (long) BURST_SECONDS * perSecond);
    }
}
