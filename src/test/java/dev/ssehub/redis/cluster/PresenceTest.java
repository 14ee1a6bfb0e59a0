package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.cluster.Presence.Entry;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisException;

/** What the nodes show to each other. */
class PresenceTest {
    private static RedisServer server;

    private FakeNode a;
    private FakeNode b;
    private FakeNode c;

    @BeforeAll
    static void startRedis() throws IOException {
        server = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @BeforeEach
    void start() {
        a = new FakeNode(server.settings("presence"), "a");
        b = new FakeNode(server.settings("presence"), "b");
        c = new FakeNode(server.settings("presence"), "c");
        a.redis.client().flushAll();
        Stream.of(a, b, c).forEach(FakeNode::step);
    }

    @AfterEach
    void stop() {
        Stream.of(a, b, c).forEach(FakeNode::close);
    }

    @Test
    void showsWhatANodeShowsUntilItShowsItNoMore() {
        FakeNode.Subscriber subscriber = b.show("chat/1", "{}");
        c.show("chat/2", "{\"payload\":\"\u00e9 x\"}");
        assertThat(a.others("")).isEmpty();
        assertThat(subscriber.seen).isEmpty();
        b.step();
        c.step();
        assertThat(subscriber.seen).hasValue("{}");
        assertThat(a.others("")).containsExactly(new Entry("chat/1", "{}"), new Entry("chat/2", "{\"payload\":\"\u00e9 x\"}"));
        assertThat(b.ids("")).containsExactly("chat/2");

        b.show("chat/1", "{\"payload\":1}");
        b.step();
        assertThat(a.others("chat/1")).containsExactly(new Entry("chat/1", "{\"payload\":1}"));
        b.show("chat/1", "");
        b.step();
        assertThat(subscriber.seen).isEmpty();
        assertThat(a.ids("")).containsExactly("chat/2");
    }

    @Test
    void findsTheIdsThatBeginWithAText() {
        Stream.of("a/1", "a/2", "a%2F/1", "a-/1", "a~/1", "a", "aa/1", "~/1", "%2F/1").forEach(id -> b.show(id, "{}"));
        b.step();
        assertThat(a.ids("")).hasSize(9);
        assertThat(a.ids("a/")).containsExactly("a/1", "a/2");
        assertThat(a.ids("a/2")).containsExactly("a/2");
        assertThat(a.ids("a/3")).isEmpty();
        assertThat(a.ids("~")).containsExactly("~/1");
        b.show("a/1", "");
        b.step();
        assertThat(a.ids("")).hasSize(8).doesNotContain("a/1");
    }

    @Test
    void readsALongListInParts() {
        for (int i = 0; i < 1_000; i++) {
            (i % 2 == 0 ? b : c).show("t%d/%d".formatted(i % 5, i), "{}");
        }
        b.step();
        c.step();
        assertThat(a.ids("")).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(a.ids("t3/")).hasSize(200).doesNotHaveDuplicates().allMatch(id -> id.startsWith("t3/"));
    }

    @Test
    void survivorsTellOnceThatWhatADeadNodeHasShownHasEnded() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            b.show("t/" + i, "{}");
        }
        b.step();
        b.seemDead();
        try (ExecutorService survivors = Executors.newFixedThreadPool(2)) {
            CyclicBarrier begin = new CyclicBarrier(2);
            List<Future<?>> races = Stream.of(a, c).<Future<?>>map(node -> survivors.submit(() -> {
                begin.await();
                node.members.enter();
                node.gone.tellAll();
                return true;
            })).toList();
            for (Future<?> race : races) {
                race.get(20, TimeUnit.SECONDS);
            }
        }
        List<Entry> told = Stream.of(a, c).flatMap(node -> node.told.stream()).toList();
        assertThat(told).hasSize(1_000).doesNotHaveDuplicates().contains(new Entry("t/999", "{}"));
        assertThat(a.members.nodes()).containsExactlyInAnyOrder("a", "c");
        assertThat(a.ids("")).isEmpty();
        assertThat(a.redis.client().keys("*b*")).isEmpty();
        assertThat(a.redis.client().hkeys(a.keys.marks())).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void anotherNodeGoesOnIfTheFirstDiesWhileItTells() {
        for (int i = 0; i < 10; i++) {
            b.show("t/" + i, "{}");
        }
        b.step();
        b.members.leave();
        assertThat(a.ids("")).as("a node that has left is in no list").isEmpty();
        a.redis.client().set(a.keys.claim("b"), "a");
        c.gone.tellAll();
        assertThat(c.told).as("the first node has claimed it").isEmpty();
        a.redis.client().del(a.keys.claim("b")); // as if the time were over
        c.gone.tellAll();
        assertThat(c.told).hasSize(10);
    }

    @Test
    void anotherNodeGoesOnIfTheFirstCannotTell() {
        for (int i = 0; i < 1_000; i++) {
            b.show("t/" + i, "{}");
        }
        b.step();
        b.members.leave();
        a.room.set(300);
        a.gone.tellAll();
        a.gone.tellAll();
        assertThat(a.told).hasSize(300);
        c.gone.tellAll();
        assertThat(c.told).hasSize(700).doesNotContainAnyElementsOf(a.told);
        assertThat(a.redis.client().smembers(a.keys.gone())).isEmpty();
    }

    /** Its process was frozen, or it was cut off. */
    @Test
    void aNodeThatWasTakenForDeadComesBack() {
        FakeNode.Subscriber stays = b.show("t/1", "{}");
        FakeNode.Subscriber leaves = b.show("t/2", "{}");
        b.step();
        b.seemDead();
        a.step();
        b.show("t/2", "");
        b.show("t/3", "{}");
        b.members.enter();
        b.writer.write();
        assertThat(a.ids("")).as("the others still tell that it has died").isEmpty();
        a.gone.tellAll();
        assertThat(a.told).hasSize(2);
        b.step();
        assertThat(a.ids("")).containsExactly("t/1", "t/3");
        assertThat(b.lost).as("at its start, and now").containsExactly(false, true);
        assertThat(stays.seen).isPresent();
        assertThat(leaves.seen).isEmpty();
    }

    @Test
    void aNodeThatWasFrozenUntilItsEndWasToldNoticesIt() {
        b.show("t/1", "{}");
        b.step();
        b.seemDead();
        a.step();
        a.gone.tellAll();
        b.step();
        assertThat(a.ids("")).containsExactly("t/1");
        assertThat(b.lost).containsExactly(false, true);
    }

    @Test
    void aRedisThatWasRestartedEmptyGetsAllAgain() throws Exception {
        for (int i = 0; i < 1_200; i++) {
            b.show("t/" + i, "{}");
        }
        b.step();
        server.kill();
        assertThatExceptionOfType(ClusterUnavailableException.class).isThrownBy(() -> a.others(""))
                .withMessage("the hub cannot ask its other nodes now: Redis does not answer");
        assertThatExceptionOfType(JedisException.class).isThrownBy(b::step);
        b.show("t/7", "");
        server.restart();
        await().ignoreExceptions().untilAsserted(b.members::enter);
        await().ignoreExceptions().until(() -> {
            b.writer.write();
            return b.lost.size() == 2;
        });
        await().ignoreExceptions().untilAsserted(a.members::enter);
        assertThatExceptionOfType(ClusterUnavailableException.class).as("nothing is written yet").isThrownBy(() -> a.others(""))
                .withMessage("the nodes of the hub still tell each other what they know");
        b.step();
        assertThat(a.ids("")).hasSize(1_199).doesNotContain("t/7");
        assertThat(b.lost).as("nobody was told that anything has ended").containsExactly(false, false);
        assertThatExceptionOfType(ClusterUnavailableException.class)
                .isThrownBy(() -> new OtherNodes(a.redis, "a", "", Duration.ofHours(1)))
                .withMessage("the nodes of the hub still tell each other what they know");
    }

    @Test
    void aListIsNotCompleteIfRedisLosesItsDataMeanwhile() {
        for (int i = 0; i < 300; i++) {
            b.show("t/" + i, "{}");
        }
        b.step();
        OtherNodes list = new OtherNodes(a.redis, "a", "", Duration.ZERO);
        assertThat(list.next()).isNotNull();
        a.redis.client().flushAll();
        assertThatExceptionOfType(ClusterUnavailableException.class).isThrownBy(() -> list.forEachRemaining(_ -> {}))
                .withMessage("Redis has lost what the nodes of the hub know of each other");
    }

    /** Redis does what it was asked while it was frozen, long after nobody waits for that any more. */
    @Test
    void aFrozenRedisEndsWithTheNewestState() throws Exception {
        try (FakeNode hasty = new FakeNode(server.settings("presence", Duration.ofMillis(300)), "hasty")) {
            FakeNode.Subscriber subscriber = hasty.show("t/1", "{}");
            awaitStep(hasty);
            server.freeze(true);
            try {
                hasty.show("t/1", "");
                hasty.show("t/2", "{}");
                assertThatExceptionOfType(JedisException.class).isThrownBy(hasty.writer::write);
                hasty.show("t/1", "{\"payload\":1}");
                hasty.show("t/2", "");
                assertThatExceptionOfType(JedisException.class).isThrownBy(hasty.writer::write);
                assertThat(subscriber.seen).hasValue("{}");
            } finally {
                server.freeze(false);
            }
            awaitStep(hasty);
            assertThat(a.others("")).containsExactly(new Entry("t/1", "{\"payload\":1}"));
            assertThat(subscriber.seen).hasValue("{\"payload\":1}");
            assertThat(hasty.lost).doesNotContain(true);
        }
    }

    private static void awaitStep(FakeNode node) {
        await().ignoreExceptionsInstanceOf(JedisException.class).untilAsserted(node::step);
    }

    /** The answer of the write was lost, and Redis does it after the one that repeats it. */
    @Test
    void aWriteThatComesLateDoesNothing() {
        b.show("t/1", "{}");
        b.step();
        String mark = a.redis.client().hget(a.keys.marks(), "b");
        b.show("t/1", "");
        b.step();
        for (String expected : List.of("0", mark)) {
            assertThat(a.redis.runText(Script.beside(PresenceWriter.class, "write.lua"),
                    List.of(a.keys.nodes(), a.keys.marks(), a.keys.epoch(), a.keys.shown("b")),
                    List.of("b", expected, Integer.toString(Integer.parseInt(mark) + 1), "", "t/1", "{}"))).isEqualTo(List.of());
        }
        assertThat(a.ids("")).isEmpty();
        b.step();
        assertThat(b.lost).containsExactly(false);
    }

    /** Otherwise an outage of some hours would fill the memory. */
    @Test
    void whatComesAndGoesDuringAnOutageDoesNotWait() {
        b.show("t/stays", "{}");
        b.step();
        b.redis.close();
        assertThatExceptionOfType(JedisException.class).isThrownBy(b.writer::write);
        for (int i = 0; i < 1_000; i++) {
            b.show("t/" + i, "{}");
            b.show("t/" + i, "");
        }
        assertThat(b.writer.waiting()).isZero();
        b.show("t/stays", "");
        b.show("t/new", "{}");
        assertThat(b.writer.waiting()).isEqualTo(2);
    }

    @Test
    void writesManyAtOnce() {
        for (int i = 0; i < 20_000; i++) {
            b.show("https%3A%2F%2Fexample.com%2Fbooks%2F" + i + "/urn%3Auuid%3A" + UUID.randomUUID(),
                    "{\"payload\":{\"name\":\"x\"}}");
        }
        b.step();
        assertThat(a.ids("")).hasSize(20_000).doesNotHaveDuplicates();
    }
}
