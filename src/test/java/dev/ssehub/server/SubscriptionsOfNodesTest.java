package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.cluster.Leases;
import dev.ssehub.cluster.Peers;
import dev.ssehub.cluster.Presence;
import dev.ssehub.cluster.Rates;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.cluster.RedisCluster;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.Tracing;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.json.Json;

/** The active subscriptions of several nodes. Each node has its own events, so a watcher sees those of its node only. */
class SubscriptionsOfNodesTest {
    private static final String PATH = "/.well-known/mercure/subscriptions";

    private final HttpClient client = HttpClient.newHttpClient();
    private RedisServer server;
    private Node a;
    private Node b;

    /** A hub, its server, and its connection to the other nodes. */
    private record Node(String name, Redis redis, RedisCluster cluster, Hub hub, HubServer server) {
        static Node start(RedisServer server, String name) throws IOException {
            Redis redis = new Redis(server.settings("nodes"));
            RedisCluster cluster = new RedisCluster(redis, name);
            Hub hub = TestHub.create();
            return new Node(name, redis, cluster, hub, serve(hub, cluster.cluster()));
        }

        static HubServer serve(Hub hub, Cluster cluster) throws IOException {
            TestSettings settings = new TestSettings();
            settings.tellsSubscriptions = true;
            return HubServer.start(settings.build(), hub, cluster, new AnonymousAuthorizer(new Grant(List.of(),
                    List.of(new TopicSelector.Any()), List.of(TopicSelector.parse(PATH + "{/topic}{/subscriber}")))),
                    new Meters(),
                    Tracing.NONE);
        }

        SseClient open(String topic) throws IOException {
            return SseClient.opened(server.port(), "/sse?topic=" + topic);
        }

        /** Opens a stream of what this node tells about the subscriptions of a topic. */
        SseClient watch(String topic) throws IOException {
            return open(PATH + "/" + topic + "/{subscriber}");
        }

        void stop() {
            hub.close();
            server.close();
            cluster.close();
            redis.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = RedisServer.start();
        passTime();
        a = Node.start(server, "a");
        b = Node.start(server, "b");
    }

    /** All nodes have had the time to come, since Redis was started. */
    private void passTime() {
        try (Redis redis = new Redis(server.settings("nodes"))) {
            redis.client().set(redis.key("epoch"), "1000");
        }
    }

    @AfterEach
    void stop() {
        a.stop();
        b.stop();
        client.close();
        server.close();
    }

    @Test
    void listsTheSubscriptionsOfAllNodes() throws Exception {
        try (SseClient _ = a.open("a&topic=b"); SseClient _ = b.open("a"); SseClient _ = b.open("c%2Fd")) {
            awaitTopics(a, "", "a", "a", "b", "c/d");
            awaitTopics(b, "", "a", "a", "b", "c/d");
            assertThat(topics(a, "/a")).containsExactly("a", "a");
            assertThat(topics(b, "/b")).containsExactly("b");
            assertThat(topics(a, "/c%2Fd")).containsExactly("c/d");
            assertThat(topics(a, "/c")).isEmpty();

            String one = subscriptions(a, "/c%2Fd").getFirst().get("id").toString();
            assertThat(get(b, one).body().replaceFirst("\"lastEventID\":\"[^\"]*\"", ""))
                    .isEqualTo(get(a, one).body().replaceFirst("\"lastEventID\":\"[^\"]*\"", ""));
            HttpResponse<String> none = get(a, one.replaceFirst("[0-9a-f]{12}$", "000000000000"));
            assertThat(none.statusCode()).isEqualTo(404);
            assertThat(none.body()).isEqualTo("this subscription does not exist or has ended\n");
        }
        awaitTopics(a, "");
        awaitTopics(b, "");
    }

    @Test
    void publishesAChangeWhenTheOtherNodesSeeIt() throws Exception {
        try (SseClient watcher = b.watch("a")) {
            try (SseClient _ = b.open("a")) {
                assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":true");
                assertThat(topics(a, "/a")).containsExactly("a");
            }
            assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":false");
            assertThat(topics(a, "/a")).isEmpty();
        }
    }

    @Test
    void tellsThatTheSubscriptionsOfADeadNodeHaveEnded() throws Exception {
        try (SseClient watcher = a.watch("a"); SseClient _ = b.open("a")) {
            awaitTopics(a, "/a", "a");
            String listed = subscriptions(a, "/a").getFirst().get("subscriber").toString();
            b.redis().close(); // Redis hears nothing of this node any more
            a.redis().client().zadd(a.redis().key("nodes"), 1, "b"); // for long
            Map<String, Object> ended = new Json().toType(watcher.nextData(), Json.MAP_TYPE);
            assertThat(ended).containsEntry("@context", "https://mercure.rocks/").containsEntry("type", "Subscription")
                    .containsEntry("topic", "a").containsEntry("active", false).containsEntry("subscriber", listed)
                    .containsEntry("id", PATH + "/a/" + listed.replace(":", "%3A")).hasSize(6);
            assertThat(topics(a, "/a")).isEmpty();
        }
    }

    /** A node of another version may write them, or another program. */
    @Test
    void leavesOutWhatItCannotRead() throws Exception {
        try (LogCapture log = new LogCapture(); SseClient watcher = a.watch("a"); SseClient _ = b.open("a")) {
            awaitTopics(a, "/a", "a");
            for (String unreadable : List.of("a", "a/1", "a/1 ", "a {}", "a/1/2 {}", "a/%zz {}", "a/1 [1]",
                    "a/1 {\"payload\":x}")) {
                a.redis().client().zadd(a.redis().key("shown:b"), 0, unreadable);
            }
            assertThat(topics(a, "/a")).containsExactly("a");
            b.redis().close();
            a.redis().client().zadd(a.redis().key("nodes"), 1, "b");
            assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":false");
            await().atMost(Duration.ofSeconds(20)).until(() -> !a.redis().client().exists(a.redis().key("gone")));
            assertThat(a.redis().client().exists(a.redis().key("shown:b"))).isFalse();
            assertThat(log.warnings()).filteredOn(line -> line.contains("no active subscription"))
                    .singleElement().asString().startsWith("the entry a");
        }
    }

    @Test
    void tellsThatTheSubscriptionsOfANodeThatStopsHaveEnded() throws Exception {
        try (SseClient watcher = a.watch("a"); SseClient stream = b.open("a")) {
            awaitTopics(a, "/a", "a");
            b.hub().close(TestHub.drain(5_000));
            assertThat(stream.isCutBetweenChunks()).isTrue();
            b.server().close();
            b.cluster().close();
            assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":false");
            assertThat(topics(a, "")).doesNotContain("a");
        }
    }

    @Test
    void refusesAListWhileRedisIsGoneButKnowsItsOwn() throws Exception {
        try (SseClient _ = a.open("a"); SseClient watcher = b.watch("b")) {
            String own = subscriptions(a, "/a").getFirst().get("id").toString();
            server.kill();
            for (String path : List.of(PATH, PATH + "/a", own.replaceFirst("[0-9a-f]{12}$", "000000000000"))) {
                HttpResponse<String> refused = get(a, path);
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).hasValue("5");
                assertThat(refused.headers().firstValue("ETag")).isEmpty();
                assertThat(refused.body()).isEqualTo("the hub cannot ask its other nodes now: Redis does not answer\n");
            }
            assertThat(get(a, own).statusCode()).isEqualTo(200);
            try (SseClient _ = b.open("b")) {
                server.restart();
                passTime();
                assertThat(watcher.nextData()).as("when Redis has it").contains("\"topic\":\"b\"", "\"active\":true");
                awaitTopics(a, "/b", "b");
                awaitTopics(b, "/a", "a");
            }
        }
    }

    /** The client must not take what it has got for the whole list. */
    @Test
    void cutsAListOffIfTheRestCannotBeRead() throws Exception {
        Presence cut = new Presence() {
            @Override
            public void start(Listener listener) {}

            @Override
            public void show(Shown shown) {}

            @Override
            public Stream<Entry> others(String prefix) {
                return Stream.iterate(0, i -> i + 1).map(i -> {
                    if (i == 3) {
                        throw new ClusterUnavailableException("Redis does not answer", null);
                    }
                    return new Entry("a/" + i, "{}");
                });
            }
        };
        try (Hub hub = TestHub.create();
                HubServer alone = Node.serve(hub, new Cluster("c", cut, Peers.ALONE, Leases.ALONE, Rates.ALONE))) {
            assertThat(catchThrowable(() -> client.send(
                    HttpRequest.newBuilder(URI.create(alone.url() + PATH)).build(), HttpResponse.BodyHandlers.ofString())))
                    .isInstanceOf(IOException.class);
        }
    }

    private void awaitTopics(Node node, String below, String... topics) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(topics(node, below)).containsExactlyInAnyOrder(topics));
    }

    private List<String> topics(Node node, String below) throws Exception {
        return subscriptions(node, below).stream().map(it -> it.get("topic").toString()).toList();
    }

    @SuppressWarnings("unchecked") // the protocol defines the type
    private List<Map<String, Object>> subscriptions(Node node, String below) throws Exception {
        HttpResponse<String> response = get(node, PATH + below);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Map<String, Object> document = new Json().toType(response.body(), Json.MAP_TYPE);
        return (List<Map<String, Object>>) document.get("subscriptions");
    }

    private HttpResponse<String> get(Node node, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(node.server().url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
