package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisRatesTest {
    private static final int RATE = 10;

    private final AtomicLong now = new AtomicLong();
    private RedisServer server;
    private Redis redis;
    private RedisRates one;
    private RedisRates two;

    @BeforeEach
    void start() throws IOException {
        server = RedisServer.start();
        redis = new Redis(server.settings("rates"));
        one = new RedisRates(redis, now::get);
        two = new RedisRates(redis, now::get);
    }

    @AfterEach
    void stop() {
        redis.close();
        server.close();
    }

    @Test
    void allNodesCountTogether() {
        long begin = System.nanoTime();
        int granted = 0;
        Duration wait = Duration.ZERO;
        while (wait.isZero()) {
            wait = (granted % 2 == 0 ? one : two).take("a", 1, RATE);
            granted += wait.isZero() ? 1 : 0;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;

        assertThat(granted).isBetween(2 * RATE, 2 * RATE + 1 + (int) (RATE * seconds));
        assertThat(wait).isBetween(Duration.ofNanos(1), Duration.ofMillis(100));
        assertThat(one.take("b", 1, RATE)).as("another publisher").isZero();
        assertThat(redis.client().pttl(new Keys(redis).rate("a"))).isBetween(0L, 2_000L);
    }

    /** Otherwise a publisher would have to wait until the clock is where it was. */
    @Test
    void aClockThatWasSetBackDelaysNobodyForLong() {
        long anHourAhead = (System.currentTimeMillis() + Duration.ofHours(1).toMillis()) * 1_000;
        redis.client().set(new Keys(redis).rate("a"), Long.toString(anHourAhead));

        assertThat(one.take("a", 1, RATE)).isBetween(Duration.ofNanos(1), Duration.ofMillis(100));
    }

    @Test
    void nobodyWaitsForARedisThatDoesNotAnswer() throws Exception {
        try (LogCapture log = new LogCapture()) {
            while (one.take("a", 1, RATE).isZero()) {
                // until the publisher is too fast
            }
            server.freeze(true);
            assertThat(one.take("a", 1, RATE)).isZero();
            long begin = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThat(one.take("a", 1, RATE)).isZero();
            }
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(one.take("a", 1, RATE)).as("tries again in the background").isZero();
            assertThat(one.take("a", 1, RATE)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("no timeout").isLessThan(Duration.ofSeconds(1));

            server.freeze(false);
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                now.addAndGet(Duration.ofSeconds(1).toNanos());
                return IntStream.range(0, 1_000).anyMatch(_ -> one.take("a", 1, RATE).isPositive());
            });
            assertThat(log.warnings()).singleElement().asString()
                    .startsWith("each node limits the rates of tokens by itself, because Redis cannot count: ");
        }
    }

    @Test
    void publishersThatComeTogetherWaitForTheSameTimeout() throws Exception {
        server.freeze(true);
        long begin = System.nanoTime();
        List<Thread> publishers = IntStream.range(0, 200)
                .mapToObj(i -> Thread.startVirtualThread(() -> one.take("p" + i, 1, RATE))).toList();
        for (Thread publisher : publishers) {
            publisher.join();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20)); // not 25 timeouts
    }
}
