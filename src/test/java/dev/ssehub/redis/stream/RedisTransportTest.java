package dev.ssehub.redis.stream;

import module java.base;
import static dev.ssehub.transport.RecordingListener.local;
import static dev.ssehub.transport.RecordingListener.publication;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Transport;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.transport.RecordingListener;
import dev.ssehub.transport.TransportContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisDataException;

/** The transport with a real Redis: what it promises beyond every transport. */
class RedisTransportTest extends TransportContract {
    private static RedisServer server;
    private static final AtomicInteger TESTS = new AtomicInteger();

    private final String prefix = "test" + TESTS.incrementAndGet();
    private final AtomicInteger nodes = new AtomicInteger();
    private final List<Redis> clients = new ArrayList<>();
    private Bounds bounds = new Bounds(10_000, Duration.ofHours(1), 16 << 20);

    @BeforeAll
    static void startRedis() throws IOException {
        server = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    @Override
    protected void closeConnections() {
        clients.forEach(Redis::close);
    }

    private Redis client(RedisSettings settings) {
        Redis redis = new Redis(settings);
        clients.add(redis);
        return redis;
    }

    @Override
    protected Transport open() {
        RedisSettings settings = server.settings(prefix, bounds);
        return new RedisTransport(client(settings), settings, "node" + nodes.incrementAndGet());
    }

    private static Update update(String topic, String data, String id) {
        return new Update(List.of(topic), data, null, id, null, false);
    }

    @Test
    void allNodesHaveOneOrder() throws Exception {
        List<RecordingListener> listeners = List.of(new RecordingListener(), new RecordingListener(), new RecordingListener());
        List<Transport> transports = listeners.stream().map(this::start).toList();
        try (ExecutorService publishers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int p = 0; p < 6; p++) {
                Transport transport = transports.get(p % 3);
                String topic = "t" + p;
                publishers.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        transport.publish(publication(new Update(topic, "" + i)));
                    }
                    return topic;
                });
            }
        }
        for (Transport transport : transports) {
            assertThat(transport.catchUp()).isTrue();
        }
        assertThat(listeners.getFirst().lines()).hasSize(1_200);
        assertThat(listeners).allSatisfy(listener -> {
            assertThat(listener.positions()).isEqualTo(listeners.getFirst().positions());
            assertThat(listener.lines()).isEqualTo(listeners.getFirst().lines());
        });
    }

    @Test
    void nodesAgreeAboutRepetitions() {
        Transport one = start(listener);
        RecordingListener other = new RecordingListener();
        Transport two = start(other);
        assertThat(one.publish(publication(update("a", "x", "own")))).isEqualTo("own");
        assertThat(two.publish(publication(update("a", "x", "own")))).isEqualTo("own");
        two.publish(publication(update("b", "another topic", "own")));
        assertThat(one.catchUp()).isTrue();
        assertThat(listener.lines()).containsExactly("a|data: x|id: own", "b|data: another topic|id: own")
                .isEqualTo(other.lines());
    }

    @Test
    void aNodeThatStartsHasThePast() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "1")));
        one.publish(publication(new Update("a", "2")));
        RecordingListener late = new RecordingListener();
        Transport two = start(late);
        assertThat(late.beginning()).isEqualTo(listener.beginning());
        assertThat(late.lines()).containsExactly("old a|data: 1", "old a|data: 2");
        two.publish(publication(new Update("a", "3")));
        assertThat(late.positions()).hasSize(3);
        assertThat(one.catchUp()).isTrue();
        assertThat(listener.positions()).isEqualTo(late.positions());
    }

    @Test
    void aNodeGoesOnFromItsOwnPast() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "1")));
        long before = listener.newest();
        one.publish(publication(new Update("a", "2")));
        RecordingListener back = new RecordingListener();
        opened().start(back, before);
        assertThat(back.lines()).containsExactly("old a|data: 2");
    }

    @Test
    void localEventsStayOnTheirNode() {
        Transport one = start(listener);
        RecordingListener other = new RecordingListener();
        Transport two = start(other);
        one.publish(local("time", "a"));
        two.publish(local("time", "b"));
        one.publish(publication(new Update("all", "c")));
        one.publish(local("time", "d"));
        assertThat(two.catchUp()).isTrue();
        assertThat(listener.lines()).containsExactly("time|data: a", "all|data: c", "time|data: d");
        assertThat(other.lines()).containsExactly("time|data: b", "all|data: c");
        assertThat(listener.positions().get(1)).isEqualTo(other.positions().get(1));
    }

    /** A client that was on the other node must not miss what that node had not delivered when it got a local event. */
    @Test
    void aLocalEventIsNotAheadOfWhatItsNodeHas() {
        Transport one = start(listener);
        start(new RecordingListener());
        one.publish(publication(new Update("all", "1")));
        long shared = listener.newest();
        for (int i = 0; i < 3_000; i++) {
            one.publish(local("time", "" + i));
        }
        assertThat(listener.positions().get(1)).isEqualTo(shared + 1);
        assertThat(listener.positions()).hasSize(3_001).isSorted().doesNotHaveDuplicates();
        String next = one.publish(publication(new Update("all", "2")));
        assertThat(next).isEqualTo(HubId.text(listener.newest()));
    }

    @Test
    void theStreamIsBoundedByNumber() {
        bounds = new Bounds(50, Duration.ofHours(1), 16 << 20);
        Transport one = start(listener);
        for (int i = 0; i < 300; i++) {
            one.publish(publication(update("a", "" + i, "id" + i)));
        }
        assertThat(length("events")).isEqualTo(50);
        assertThat(clients.getFirst().client().hlen(clients.getFirst().key("ids"))).isEqualTo(50);
        RecordingListener late = new RecordingListener();
        start(late);
        assertThat(late.lines().getFirst()).isEqualTo("lose");
        assertThat(late.lines()).hasSize(51).endsWith("old a|data: 299|id: id299");
        one.publish(publication(update("a", "again", "id0"))); // the stream has forgotten the id
        assertThat(listener.lines()).hasSize(301);
    }

    @Test
    void theStreamIsBoundedByBytes() {
        bounds = new Bounds(10_000, Duration.ofHours(1), 20_000);
        Transport one = start(listener);
        for (int i = 0; i < 100; i++) {
            one.publish(publication(new Update("a", "x".repeat(900))));
        }
        assertThat(length("events")).isBetween(15L, 21L);
    }

    private long length(String key) {
        return clients.getFirst().client().xlen(clients.getFirst().key(key));
    }

    @Test
    void aForgottenTopicIsGoneOnAllNodesAndInRedis() {
        Transport one = start(listener);
        RecordingListener other = new RecordingListener();
        Transport two = start(other);
        one.publish(publication(update("secret", "x", "own")));
        one.publish(publication(new Update("a", "y")));
        two.forget("secret");
        assertThat(one.catchUp()).isTrue();
        assertThat(listener.lines()).containsExactly("secret|data: x|id: own", "a|data: y", "forget secret");
        assertThat(other.lines()).isEqualTo(listener.lines());
        RecordingListener late = new RecordingListener();
        start(late);
        assertThat(late.lines()).containsExactly("old a|data: y", "forget secret");
        two.publish(publication(update("secret", "again", "own")));
        assertThat(other.lines()).endsWith("secret|data: again|id: own");
    }

    @Test
    void anEntryOfANewerVersionIsAGap() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "before")));
        Redis redis = clients.getFirst();
        long next = Place.of(listener.newest()) + 1;
        redis.client().xadd(redis.key("events"), new StreamEntryID(Place.id(next)), Map.of("v", "2"));
        redis.client().hset(redis.key("state"), "last", Long.toString(next));
        String id = one.publish(publication(new Update("a", "after")));
        assertThat(HubId.parse(id)).isEqualTo(listener.newest());
        assertThat(listener.lines()).containsExactly("a|data: before", "lose", "a|data: after");
    }

    @Test
    void anEntryThatIsNotOfAHubIsLeftOut() {
        Transport one = start(listener);
        Redis redis = clients.getFirst();
        for (int i = 0; i < 3; i++) {
            one.publish(publication(new Update("a", "" + i)));
            redis.client().xadd(redis.key("events"), StreamEntryID.NEW_ENTRY, Map.of("garbage", "x"));
            redis.client().xadd(redis.key("events"), StreamEntryID.NEW_ENTRY, Map.of("garbage", "y"));
        }
        one.publish(publication(new Update("a", "after")));
        assertThat(listener.lines()).containsExactly("a|data: 0", "a|data: 1", "a|data: 2", "a|data: after");
    }

    /** A Redis that is full, and does not have the policy noeviction, deletes the stream and keeps what is used more often. */
    @Test
    void aStreamThatWasEvictedIsAGap() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "1")));
        Redis redis = clients.getFirst();
        redis.client().del(redis.key("events"));
        one.publish(publication(new Update("a", "2")));
        assertThat(listener.lines()).containsExactly("a|data: 1", "lose", "a|data: 2");
        one.publish(publication(new Update("a", "3")));
        assertThat(listener.lines()).as("it is told once").endsWith("a|data: 2", "a|data: 3");
    }

    /** Otherwise, the outage would end and begin again all the time: without events, there is little to write. */
    @Test
    void aRedisWithoutMemoryAnswersNoExchange() throws Exception {
        try (RedisServer full = RedisServer.start()) {
            RedisSettings settings = full.settings(prefix);
            Redis redis = client(settings);
            Transport transport = new RedisTransport(redis, settings, "node");
            transport.start(listener, 0);
            transport.publish(publication(new Update("a", "1")));
            redis.client().configSet("maxmemory", "1");
            assertThatExceptionOfType(HistoryUnavailableException.class)
                    .isThrownBy(() -> transport.publish(publication(new Update("a", "2"))));
            SharedStream stream = new SharedStream(redis, settings.stream(), "another");
            for (int i = 0; i < 20; i++) {
                assertThatExceptionOfType(JedisDataException.class).isThrownBy(() -> stream.exchange(0))
                        .withMessageContaining("OOM");
            }
            assertThat(transport.outage()).isPresent();
            redis.client().configSet("maxmemory", "0");
            await().until(() -> transport.outage().isEmpty());
            transport.publish(publication(new Update("a", "3")));
            assertThat(listener.lines()).containsExactly("a|data: 1", "a|data: 3");
            transport.close();
        }
    }

    @Test
    void aNodeThatLaggedTellsWhatItHasMissed() {
        bounds = new Bounds(20, Duration.ofHours(1), 16 << 20);
        Transport one = start(listener);
        RecordingListener slow = new RecordingListener();
        Transport two = start(slow);
        one.publish(publication(new Update("a", "first")));
        assertThat(two.catchUp()).isTrue();
        slow.full(true);
        for (int i = 0; i < 100; i++) {
            one.publish(publication(new Update("a", "" + i)));
        }
        await().until(() -> two.outage().isPresent());
        assertThatExceptionOfType(HistoryUnavailableException.class)
                .isThrownBy(() -> two.publish(publication(new Update("a", "refused")))).withMessageContaining("the disk is full");
        slow.full(false);
        await().until(() -> slow.lines().contains("a|data: 99"));
        assertThat(two.outage()).isEmpty();
        assertThat(slow.lines()).startsWith("a|data: first").contains("lose");
        assertThat(slow.positions()).isSorted().doesNotHaveDuplicates();
    }
}
