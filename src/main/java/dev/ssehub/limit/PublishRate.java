package dev.ssehub.limit;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import java.time.Duration;

/**
 * Limits how often each publisher may publish. Each has a token bucket that fills at a steady rate. Any thread may call.
 *
 * @param <K> what identifies a publisher
 */
public final class PublishRate<K> {

    // A bucket that was not used for a while is full again, like a new one, and is forgotten. With more publishers than fit,
    // those that have not published for longest are forgotten first.

    private static final int MAX_BUCKETS = 50_000;
    private static final int BURST_SECONDS = 2;

    private final LoadingCache<K, Bucket> buckets;

    public PublishRate(int perSecond) {
        Bandwidth rate = Bandwidth.builder().capacity((long) BURST_SECONDS * perSecond)
                .refillGreedy(perSecond, Duration.ofSeconds(1)).build();
        this.buckets = Caffeine.newBuilder().maximumSize(MAX_BUCKETS)
                .expireAfterAccess(Duration.ofSeconds(2 * BURST_SECONDS)).executor(Runnable::run)
                .build(_ -> Bucket.builder().addLimit(rate).build());
    }

    /** Counts a publish request and returns zero, or returns how long the publisher must wait before it may publish. */
    public Duration take(K publisher) {
        return Duration.ofNanos(buckets.get(publisher).tryConsumeAndReturnRemaining(1).getNanosToWaitForRefill());
    }
}
