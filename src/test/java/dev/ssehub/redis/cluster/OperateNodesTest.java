package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.Leases;
import dev.ssehub.cluster.Presence;
import dev.ssehub.cluster.Rates;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.stream.RedisTransport;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.Tracing;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What operators see and do on several nodes, over HTTP, with a real Redis. */
class OperateNodesTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final AtomicInteger TESTS = new AtomicInteger();

    private static RedisServer redisServer;

    private final RedisSettings settings = redisServer.settings("operate-test-" + TESTS.incrementAndGet());
    private final HttpClient client = HttpClient.newHttpClient();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<String> names = new CopyOnWriteArrayList<>();

    private record Node(String name, Hub hub, HubServer server, RedisPeers peers) {}

    @BeforeAll
    static void startRedis() throws IOException {
        redisServer = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        redisServer.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        client.close();
    }

    private <T extends AutoCloseable> T open(T one) {
        opened.push(one);
        return one;
    }

    private Node start(String name, Duration limit) throws IOException {
        return start(name, limit, 100);
    }

    private Node start(String name, Duration limit, int historyEvents) throws IOException {
        names.add(name);
        Redis redis = open(new Redis(settings));
        RedisPeers peers = open(new RedisPeers(redis, name, () -> names, limit));
        Hub hub = open(TestHub.create(historyEvents, 1 << 20, new RedisTransport(redis, settings, name)));
        TestSettings web = new TestSettings();
        web.operatesOnLoopback = true;
        HubServer server = open(HubServer.start(web.build(), hub,
                new Cluster(name, Presence.ALONE, peers, Leases.ALONE, Rates.ALONE), TestHub.open(), new Meters(), Tracing.NONE));
        return new Node(name, hub, server, peers);
    }

    /** Starts nodes that know each other. */
    private List<Node> start(String... all) throws IOException {
        List<Node> nodes = new ArrayList<>();
        for (String name : all) {
            nodes.add(start(name, LONG));
        }
        nodes.forEach(node -> await().atMost(LONG).until(() -> node.peers().others().size() == all.length - 1));
        return nodes;
    }

    private void subscribe(Node node, int number, String... topics) throws IOException {
        InetAddress address = InetAddress.getByAddress(new byte[]{10, 0, (byte) (number >> 8), (byte) number});
        Subscriber subscriber = node.hub().subscribe(new Subscription(Stream.of(topics).map(TopicSelector::parse).toList(),
                new Permission(List.of(), null), null, true, false, false, 0,
                new Opening.Client(address, "user " + number)), _ -> {});
        subscriber.drain(_ -> {}, () -> {});
    }

    private SseClient stream(Node node, String topic) throws IOException {
        SseClient stream = open(new SseClient(node.server().port(), "/sse?topic=" + topic));
        stream.nextFrame();
        return stream;
    }

    private HttpResponse<String> send(String method, Node node, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + node.server().port() + "/observe/" + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonObject ask(String method, Node node, String path) throws Exception {
        HttpResponse<String> answer = send(method, node, path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonParser.create(answer.body()).readJsonObject();
    }

    private JsonObject get(Node node, String path) throws Exception {
        return ask("GET", node, path);
    }

    private static Stream<JsonObject> objects(JsonObject document, String member) {
        return document.arrayValue(member).orElseThrow().values().stream().map(JsonValue::asObject);
    }

    /** Returns the values of a field, in order. */
    private static List<String> all(JsonObject document, String member, String field) {
        return objects(document, member).map(object -> object.value(field).orElseThrow())
                .map(value -> value instanceof JsonString text ? text.value() : value.toString()).toList();
    }

    private static String first(JsonObject document, String field) {
        return all(document, "streams", field).getFirst();
    }

    @Test
    void listsSortsAndPagesTheStreamsOfAllNodes() throws Exception {
        List<Node> nodes = start("a", "b", "c");
        for (int number = 0; number < 30; number++) {
            subscribe(nodes.get(number % 3), number, "t", "/users/" + number);
        }
        for (Node node : nodes) {
            JsonObject page = get(node, "streams?sort=address&offset=7&limit=10");
            assertThat(all(page, "streams", "subject"))
                    .isEqualTo(IntStream.range(7, 17).mapToObj(number -> "user " + number).toList());
            assertThat(all(page, "streams", "node")).startsWith("b", "c", "a", "b");
            assertThat(page.toString()).contains("\"matching\":30,\"offset\":7,\"limit\":10,\"total\":30,\"newest\":")
                    .contains("\"missing\":[]").doesNotContain("\"rank\"").doesNotContain("\"rows\"");
            assertThat(all(page, "nodes", "name")).containsExactly("a", "b", "c");
            assertThat(all(page, "nodes", "total")).containsExactly("10", "10", "10");
            assertThat(all(page, "nodes", "newest")).hasSize(3);
        }
        Node a = nodes.getFirst();
        assertThat(all(get(a, "streams?sort=-address&limit=2"), "streams", "subject")).containsExactly("user 29", "user 28");
        List<Double> ages = all(get(a, "streams?sort=-age"), "streams", "age").stream().map(Double::valueOf).toList();
        assertThat(ages).hasSize(30).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(all(get(a, "streams?topic=/users/7"), "streams", "node")).containsExactly("b");
        assertThat(get(a, "streams?address=10.0.0.4").toString()).contains("\"matching\":1,", "\"total\":30,", "\"user 4\"");

        JsonObject onlyB = get(a, "streams?node=b&sort=address&offset=9");
        assertThat(all(onlyB, "streams", "subject")).containsExactly("user 28");
        assertThat(all(onlyB, "nodes", "name")).containsExactly("b");
        assertThat(send("GET", a, "streams?node=d").body()).isEqualTo("the field node must be one of a, b, c, not 'd'\n");
        assertThat(send("GET", a, "streams?offset=950").body())
                .startsWith("over several nodes, offset and limit may be 1000 together, not 1050; choose");
        assertThat(get(a, "streams?node=c&offset=950").intValue("matching")).hasValue(10);
    }

    @Test
    void describesAndEndsTheStreamsOfOtherNodes() throws Exception {
        List<Node> nodes = start("a", "b");
        Node a = nodes.getFirst();
        SseClient stream = stream(nodes.getLast(), "x");
        subscribe(a, 1, "t");
        subscribe(nodes.getLast(), 1, "t");
        String id = first(get(a, "streams?topic=x"), "id");

        assertThat(get(a, "streams/" + id).stringValue("node")).hasValue("b");
        assertThat(send("GET", a, "streams/0").statusCode()).isEqualTo(404);
        assertThat(ask("DELETE", a, "streams/" + id).toString())
                .isEqualTo("{\"ended\":1,\"nodes\":[{\"name\":\"b\",\"ended\":1}],\"missing\":[]}");
        assertThat(stream.nextFrame()).contains("an operator has ended this stream");
        await().atMost(LONG).until(() -> get(a, "ended").intValue("matching").equals(Optional.of(1)));
        assertThat(all(get(a, "ended?reason=operator"), "streams", "node")).containsExactly("b");
        assertThat(get(a, "streams/" + id).stringValue("reason")).hasValue("operator");
        assertThat(send("DELETE", a, "streams/" + id).statusCode()).isEqualTo(404);

        assertThat(all(ask("DELETE", a, "streams?subject=user%201&node=b"), "nodes", "name")).containsExactly("b");
        assertThat(ask("DELETE", a, "streams?subject=user%201").toString())
                .startsWith("{\"ended\":2,\"nodes\":[{\"name\":\"a\",\"ended\":1},{\"name\":\"b\",\"ended\":1}]");
    }

    @Test
    void everyNodeSaysWhatBecameOfAnEvent() throws Exception {
        Node a = start("forgetful", LONG, 1);
        Node b = start("b", LONG);
        await().atMost(LONG).until(() -> a.peers().others().equals(List.of("b")) && b.peers().others().size() == 1);
        SseClient atA = stream(a, "t");
        SseClient atB = stream(b, "t");
        subscribe(b, 1, "other");
        String id = a.hub().publish(new Update(List.of("t"), "text", null, "own id", null, false));
        String later = a.hub().publish(new Update("other", "makes the first node forget"));
        atA.nextFrame();
        atB.nextFrame();
        await().atMost(LONG).until(() -> b.hub().lastEventId().equals(later));

        for (Node node : List.of(a, b)) {
            await().atMost(LONG).untilAsserted(() -> assertThat(all(get(node, "events/own%20id"), "streams", "outcome"))
                    .containsExactly("written", "written"));
            JsonObject event = get(node, "events/own%20id?limit=1&offset=1");
            assertThat(event.toString()).contains("\"held\":true,\"topics\":[\"t\"]", "\"written\":2", "\"matching\":2");
            assertThat(all(event, "streams", "outcome")).hasSize(1);
            assertThat(all(event, "nodes", "held")).as("b, and the other one").containsExactly("true", "false");
            assertThat(all(get(node, "events/own%20id?node=b"), "streams", "node")).containsExactly("b");
        }
        assertThat(get(a, "events/own%20id?node=forgetful").booleanValue("held")).hasValue(false);
        assertThat(send("GET", a, "events/none").body()).startsWith("no event with the id none is known: ");
        assertThat(id).isEqualTo("own id");
        assertThat(get(a, "events/" + later).objectValue("counts").orElseThrow().intValue("waiting")).hasValue(1);
    }

    @Test
    void anEventOfOneNodeConcernsOnlyItsStreams() throws Exception {
        List<Node> nodes = start("a", "b");
        SseClient atA = stream(nodes.getFirst(), "time");
        stream(nodes.getLast(), "time");
        String id = nodes.getFirst().hub().publish(new Update("time", "12:00"), PublishedBy.TIME_FEED, true);
        atA.nextFrame();

        for (Node node : nodes) {
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(all(get(node, "events/" + id), "streams", "outcome")).containsExactly("written"));
            assertThat(all(get(node, "events/" + id), "nodes", "name")).containsExactly("a");
        }
    }

    @Test
    void saysWhichNodesDoNotAnswer() throws Exception {
        Node a = start("a", SHORT);
        names.add("gone");
        await().atMost(LONG).until(() -> a.peers().others().equals(List.of("gone")));
        SseClient stream = stream(a, "t");

        JsonObject list = get(a, "streams");
        assertThat(list.intValue("total")).hasValue(1);
        assertThat(list.toString())
                .contains("\"missing\":[{\"name\":\"gone\",\"reason\":\"it has not answered within 0.3 seconds\"}]");
        assertThat(send("GET", a, "streams/0").statusCode()).isEqualTo(503);
        assertThat(send("DELETE", a, "streams/0").body())
                .isEqualTo("there is no stream with the id 0; no answer from gone (it has not answered within 0.3 seconds)\n");
        String id = a.hub().publish(new Update("t", "text"));
        stream.nextFrame();
        assertThat(all(get(a, "events/" + id), "missing", "name")).containsExactly("gone");
        assertThat(all(get(a, "streams?node=gone"), "missing", "name")).containsExactly("gone");
        assertThat(all(ask("DELETE", a, "streams?key=none"), "missing", "name")).containsExactly("gone");
        assertThat(get(a, "streams/" + first(get(a, "streams"), "id")).stringValue("node")).hasValue("a");
    }

    @Test
    void aNodeWhoseAnswerIsTooLongIsMissing() throws Exception {
        List<Node> nodes = start("a", "b");
        String[] topics = IntStream.range(0, 5).mapToObj(number -> "x".repeat(198) + number).toArray(String[]::new);
        for (int number = 0; number < 800; number++) {
            subscribe(nodes.getLast(), number, topics);
        }
        JsonObject list = get(nodes.getFirst(), "streams?limit=800");
        assertThat(list.intValue("total")).hasValue(0);
        assertThat(all(list, "missing", "reason").getFirst()).startsWith("its answer is too long: ")
                .endsWith(" characters, not up to 1048576; ask for fewer streams");
        assertThat(get(nodes.getFirst(), "streams?limit=400").intValue("total")).hasValue(800);
    }

    @Test
    void answersForItselfWhileRedisIsAway() throws Exception {
        List<Node> nodes = start("a", "b");
        stream(nodes.getFirst(), "t");
        redisServer.kill();
        try {
            JsonObject list = get(nodes.getFirst(), "streams");
            assertThat(list.intValue("total")).hasValue(1);
            assertThat(all(list, "missing", "name")).containsExactly("b");
            assertThat(all(list, "missing", "reason").getFirst()).startsWith("the node a cannot ask it: ");
        } finally {
            redisServer.restart();
        }
        await().atMost(LONG).until(() -> all(get(nodes.getFirst(), "streams"), "nodes", "name").equals(List.of("a", "b")));
    }
}
