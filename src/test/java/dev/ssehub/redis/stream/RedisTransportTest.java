package dev.ssehub.redis.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static dev.ssehub.transport.RecordingListener.local;
import static dev.ssehub.transport.RecordingListener.publication;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.server.TestHub;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.RecordingListener;
import dev.ssehub.transport.TransportContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

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

    /** The first node has had local events, and nothing else has happened. */
    @Test
    void aClientOfAQuietClusterMovesWithoutAGap() {
        try (Hub one = TestHub.create(open()); Hub two = TestHub.create(open())) {
            one.publish(new Update("a", "before"));
            for (int i = 0; i < 3; i++) {
                one.publish(new Update("time", "" + i), PublishedBy.TIME_FEED, true);
            }
            Subscriber subscriber = two
                    .subscribe(new Subscription(List.of(TopicSelector.parse("a")), new Permission(List.of(), null),
                            one.lastEventId(), true, false, true), _ -> {});
            StringBuilder received = new StringBuilder();
            two.publish(new Update("a", "after"));
            Next next;
            do {
                next = subscriber.drain(frames -> frames.forEach(frame -> received.append(new String(frame, UTF_8))), () -> {});
            } while (next == Next.MORE);
            assertThat(received.toString()).matches("id: \\d+-\\d+\ndata: after\n\n");
        }
    }

    @Test
    void severalLocalEventsAreAddedTogether() {
        Transport one = start(listener);
        for (int i = 0; i < 20; i++) {
            int first = 100 * i;
            List<String> ids = one.publish(IntStream.range(first, first + 100).mapToObj(n -> local("time", "" + n)).toList());
            assertThat(ids.stream().map(HubId::parse)).hasSize(100).isSorted().doesNotHaveDuplicates();
        }
        assertThat(listener.lines()).isEqualTo(IntStream.range(0, 2_000).mapToObj(n -> "time|data: " + n).toList());
    }

    /** Redis finds the repetitions of all other events. */
    @Test
    void aLocalEventCanBeARepetition() {
        try (Hub hub = TestHub.create(open())) {
            for (int i = 0; i < 2; i++) {
                assertThat(hub.publish(List.of(update("a", "x", "own")), PublishedBy.TIME_FEED, true)).containsExactly("own");
            }
            assertThat(hub.published()).isEqualTo(1);
        }
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
        assertThat(late.lines()).as("a node that had nothing has lost nothing").hasSize(50).doesNotContain("lose")
                .endsWith("old a|data: 299|id: id299");
        assertThat(late.beginning()).isEqualTo(listener.positions().get(249));
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
    void aFieldOfANewerVersionIsIgnored() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "before")));
        Redis redis = clients.getFirst();
        long next = Place.of(listener.newest()) + 1;
        redis.client().xadd(redis.key("events"), new StreamEntryID(Place.id(next)),
                Map.of("v", "1", "n", "2", "from", "other:1", "t", "a", "f", "data: new\n\n", "later", "1"));
        redis.client().hset(redis.key("state"), Map.of("last", Long.toString(next), "count", "2"));
        one.publish(publication(new Update("a", "after")));
        assertThat(listener.lines()).containsExactly("a|data: before", "a|data: new", "a|data: after");
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

    /** The node reads on after such an entry, so the places that follow must be greater, also if Redis has lost everything. */
    @Test
    void aForeignEntryCountsAsKnown() {
        Reached reached = new Reached(5);
        reached.handled(new Entry(100, Place.id(100), 0, "", 0, new Entry.Foreign()));
        assertThat(reached.known()).isEqualTo(100);
        assertThat(reached.place()).isEqualTo(5);
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

    @Test
    void aStreamThatWasEvictedBeginsAnew() {
        bounds = new Bounds(10_000, Duration.ofHours(1), 20_000);
        Transport one = start(listener);
        for (int i = 0; i < 15; i++) {
            one.publish(publication(update("a", "x".repeat(900), "id" + i)));
        }
        Redis redis = clients.getFirst();
        redis.client().del(redis.key("events"));
        for (int i = 0; i < 15; i++) {
            one.publish(publication(update("a", "x".repeat(900), "id" + i)));
        }
        assertThat(listener.lines()).as("repetitions of lost events are new").hasSize(31);
        assertThat(length("events")).as("with the marker").isEqualTo(16);
    }

    /** A history in a file has an event later than the transport passes it on. */
    @Test
    void localEventsAtTheSameTimeHaveDifferentPositions() throws Exception {
        RecordingListener slow = new RecordingListener() {
            @Override
            public long newest() {
                return beginning();
            }
        };
        Transport one = start(slow);
        for (int i = 0; i < 10; i++) {
            one.publish(local("time", "" + i));
        }
        assertThat(slow.lines()).hasSize(10);
    }

    @Test
    void aLongRemovalDelaysNoEvent() throws Exception {
        Transport one = start(listener);
        CountDownLatch removed = new CountDownLatch(1);
        listener.removal(() -> {
            try {
                removed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        CompletableFuture<Void> forgotten = CompletableFuture.runAsync(() -> one.forget("a"));
        await().until(() -> listener.lines().contains("forget a"));
        one.publish(publication(new Update("b", "x")));
        assertThat(listener.lines()).containsExactly("forget a", "b|data: x");
        assertThat(forgotten).isNotDone();
        removed.countDown();
        forgotten.get(10, TimeUnit.SECONDS);
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
            assertThat(transport.outage()).hasValue("the hub cannot publish now: Redis has no memory left");
            redis.client().configSet("maxmemory", "0");
            await().until(() -> transport.outage().isEmpty());
            transport.publish(publication(new Update("a", "3")));
            assertThat(listener.lines()).containsExactly("a|data: 1", "a|data: 3");
            transport.close();
        }
    }

    /** Redis answers all the time, but takes no entries. */
    @Test
    void anOutageLastsUntilRedisTakesAnEntry() throws Exception {
        try (RedisServer strict = RedisServer.start()) {
            RedisSettings settings = strict.settings(prefix);
            Redis redis = client(settings);
            Transport transport = new RedisTransport(redis, settings, "node");
            transport.start(listener, 0);
            strict.answer("ACL", "SETUSER", "default", "-xadd");
            assertThatExceptionOfType(HistoryUnavailableException.class)
                    .isThrownBy(() -> transport.publish(publication(new Update("a", "1"))));
            SharedStream stream = new SharedStream(redis, settings.stream(), "another");
            for (int i = 0; i < 20; i++) {
                stream.exchange(0);
                assertThatExceptionOfType(JedisException.class).isThrownBy(() -> stream.tryToWrite(0));
                assertThat(transport.outage()).isPresent();
            }
            strict.answer("ACL", "SETUSER", "default", "+xadd");
            await().until(() -> transport.outage().isEmpty());
            transport.publish(publication(new Update("a", "2")));
            assertThat(listener.lines()).containsExactly("a|data: 2");
            transport.close();
        }
    }

    @Test
    void aNodeThatStartsKnowsOfALossThatItHasNotMissed() {
        Transport one = start(listener);
        one.publish(publication(new Update("a", "1")));
        clients.getFirst().client().del(clients.getFirst().key("events"));
        one.publish(publication(new Update("a", "2")));
        RecordingListener late = new RecordingListener();
        start(late);
        assertThat(late.lines()).containsExactly("old lose", "old a|data: 2");
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
