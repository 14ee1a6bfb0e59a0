package dev.ssehub.redis.cluster;

import module java.base;
import static java.time.temporal.ChronoUnit.MICROS;

import dev.ssehub.cluster.Rates;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import java.lang.System.Logger.Level;
import redis.clients.jedis.exceptions.JedisException;

/** Counts the events of each publisher in Redis, with one round trip for each request. Thread-safe. */
final class RedisRates implements Rates {
    // An event takes one interval of its publisher's time, 1/rate of a second. The key has the time, by Redis's clock, up to which the
    // publisher has used its time. Unused time is lost, except for the burst. So the key tells nothing once its time is past, and it
    // expires then. (This is the generic cell rate algorithm, GCRA.)
    //
    // When Redis does not answer, requests pass uncounted, because each node still has its own limit. Once a second, a
    // request is counted in the background, until Redis answers. When Redis ceases to answer, the requests that wait for
    // a connection give up together with those that have one. So all of them together wait for one timeout.

    private static final System.Logger LOG = System.getLogger(RedisRates.class.getName());
    private static final int BURST_SECONDS = 2;
    private static final long PAUSE = Duration.ofSeconds(1).toNanos();

    private static final Script TAKE = Script.beside(RedisRates.class, "rate.lua");

    private final Redis redis;
    private final Keys keys;
    private final LongSupplier nanoTime;
    private final AtomicBoolean trying = new AtomicBoolean();
    private volatile long nextTry;
    private volatile boolean silent;

    RedisRates(Redis redis, LongSupplier nanoTime) {
        this.redis = redis;
        this.keys = new Keys(redis);
        this.nanoTime = nanoTime;
    }

    @Override
    public Duration take(String publisher, int events, int perSecond) {
        if (silent) {
            tryAgain(publisher, events, perSecond);
            return Duration.ZERO;
        }
        return ask(publisher, events, perSecond);
    }

    /** Counts events in the background, if it is time to try again. */
    private void tryAgain(String publisher, int events, int perSecond) {
        if (nanoTime.getAsLong() - nextTry >= 0 && !trying.getAndSet(true)) {
            Thread.ofVirtual().name("rates-retry").start(() -> {
                try {
                    var _ = ask(publisher, events, perSecond);
                } finally {
                    trying.set(false);
                }
            });
        }
    }

    private Duration ask(String publisher, int events, int perSecond) {
        try {
            Object micros = redis.runText(TAKE, List.of(keys.rate(publisher)),
                    List.of(Integer.toString(perSecond), Integer.toString(BURST_SECONDS), Integer.toString(events)));
            answered();
            return Duration.of((Long) micros, MICROS);
        } catch (JedisException e) {
            failed(e);
            return Duration.ZERO;
        }
    }

    private void answered() {
        if (silent) {
            silent = false;
            LOG.log(Level.INFO, "the nodes limit the rates of tokens together again");
        }
    }

    private void failed(JedisException cause) {
        nextTry = nanoTime.getAsLong() + PAUSE;
        if (!silent) {
            silent = true;
            LOG.log(Level.WARNING, "each node limits the rates of tokens by itself, because Redis cannot count: "
                    + Redis.reason(cause));
        }
    }
}
