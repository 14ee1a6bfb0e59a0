package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembersTest {
    private static final Duration DEAD_AFTER = Duration.ofHours(1);
    private static final double HOUR = DEAD_AFTER.toMillis();
    private static RedisServer server;
    private static Redis redis;

    private final Members a = new Members(redis, "a", DEAD_AFTER);
    private final Members b = new Members(redis, "b", DEAD_AFTER);

    @BeforeAll
    static void start() throws IOException {
        server = RedisServer.start();
        redis = new Redis(server.settings("members"));
    }

    @AfterAll
    static void stop() {
        redis.close();
        server.close();
    }

    @BeforeEach
    void clear() {
        redis.client().flushAll();
    }

    @Test
    void entersAtOnceAndLeaves() {
        a.start();
        b.start();
        await().until(() -> a.nodes().equals(List.of("a", "b")) || a.nodes().equals(List.of("b", "a")));
        b.close();
        b.close();
        assertThat(a.nodes()).containsExactly("a");
        assertThat(gone()).containsExactly("b");
        a.close();
        assertThat(a.nodes()).isEmpty();
    }

    @Test
    void movesANodeThatWasNotHeardOf() {
        a.enter();
        b.enter();
        age("b", HOUR - 60_000);
        a.enter();
        assertThat(a.nodes()).containsExactly("b", "a");
        age("b", HOUR + 1);
        a.enter();
        assertThat(a.nodes()).containsExactly("a");
        assertThat(gone()).containsExactly("b");
    }

    /** Its last words are not told yet, so what it would tell now could come before them. */
    @Test
    void aNodeThatComesBackWaitsUntilItsEndWasTold() {
        a.enter();
        b.enter();
        age("b", HOUR + 1);
        a.enter();
        assertThat(b.enter()).isFalse();
        assertThat(b.nodes()).containsExactly("a");
        redis.client().del(new Keys(redis).gone());
        assertThat(b.enter()).isTrue();
        assertThat(b.nodes()).contains("b");
    }

    /** Redis was frozen: then no node was heard of, and none of them has died. */
    @Test
    void givesAllNodesTheFullTimeAgainIfNobodyWasHeardOf() {
        a.enter();
        b.enter();
        age("a", HOUR + 2);
        age("b", HOUR + 1);
        a.enter();
        assertThat(b.nodes()).containsExactlyInAnyOrder("a", "b");
        age("b", HOUR + 1);
        a.enter();
        assertThat(b.nodes()).containsExactly("a");
    }

    /** Another Redis has taken over, and its clock is behind. */
    @Test
    void aTimeInTheFutureIsNow() {
        b.enter();
        age("b", -9 * HOUR);
        a.enter();
        age("b", HOUR + 1);
        a.enter();
        assertThat(a.nodes()).containsExactly("a");
    }

    @Test
    void aRedisThatWasRestartedEmptyKnowsTheNodesAgain() throws Exception {
        a.enter();
        server.kill();
        server.restart();
        a.start();
        await().until(() -> a.nodes().equals(List.of("a")));
        a.close();
    }

    private static void age(String node, double millis) {
        redis.client().zincrby(new Keys(redis).nodes(), -millis, node);
    }

    private static Set<String> gone() {
        return redis.client().smembers(new Keys(redis).gone());
    }
}
