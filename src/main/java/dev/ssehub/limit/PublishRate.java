package dev.ssehub.limit;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;

/**
 * How often each of many may publish: a bucket of tokens for each, which fills up at a steady rate. Any thread may call. Who has not
 * published for a while has a full bucket, and is forgotten; of more than can be remembered, those are that have waited longest.
 *
 * @param <K> who they are
 */
public final class PublishRate<K> {

    private static final int MOST_REMEMBERED = 50_000;
    /** A pause of so many seconds fills a bucket. */
    private static final int BURST_SECONDS = 2;

    private final LoadingCache<K, Bucket> buckets;

    public PublishRate(int perSecond) {
        Bandwidth rate = Bandwidth.builder().capacity((long) BURST_SECONDS * perSecond)
                .refillGreedy(perSecond, Duration.ofSeconds(1)).build();
        this.buckets = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED)
                .expireAfterAccess(Duration.ofSeconds(2 * BURST_SECONDS)).executor(Runnable::run)
                .build(_ -> Bucket.builder().addLimit(rate).build());
    }

    /** Takes one, and returns zero, or else how long it is until there is one. */
    public Duration take(K who) {
        return Duration.ofNanos(buckets.get(who).tryConsumeAndReturnRemaining(1).getNanosToWaitForRefill());
    }
}
