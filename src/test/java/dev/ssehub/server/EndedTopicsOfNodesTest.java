package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.stream.RedisTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A topic that ends on one node ends on all of them. */
class EndedTopicsOfNodesTest {
    private static final String TOPIC = "/sse?topic=run/1";

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private RedisServer redisServer;

    private record Node(Hub hub, HubServer server) {
        int status(String target) throws IOException {
            try (SseClient client = new SseClient(server.port(), target)) {
                return Integer.parseInt(client.headers().substring(9, 12));
            }
        }

        String publish(String data, String id, boolean ends) {
            Update update = new Update(List.of("run/1"), data, null, id, null, false);
            return hub.publishForClient(List.of(ends ? update.ending() : update), _ -> {}).getFirst();
        }
    }

    @BeforeEach
    void startRedis() throws IOException {
        redisServer = open(RedisServer.start());
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T open(T one) {
        opened.push(one);
        return one;
    }

    private Node start(String name) throws IOException {
        RedisSettings settings = redisServer.settings("ends");
        Hub hub = open(TestHub.create(new RedisTransport(open(new Redis(settings)), settings, name)));
        return new Node(hub, open(HubServer.start(new TestSettings().build(), hub, TestHub.open("*"), new Meters())));
    }

    @Test
    void endsTheStreamsOfAllNodesAndStopsWhoComesBackToAny() throws Exception {
        Node one = start("one");
        Node two = start("two");
        for (String id : Arrays.asList(null, "urn:last")) {
            one.publish("opens", null, false);
            try (SseClient here = SseClient.opened(one.server().port(), TOPIC);
                    SseClient there = SseClient.opened(two.server().port(), TOPIC)) {
                one.publish("1", null, false);
                String last = one.publish("2", id, true);
                assertThat(two.status(TOPIC + "&lastEventID=" + last)).as("at once, although the other node is behind")
                        .isEqualTo(204);
                for (SseClient subscriber : List.of(here, there)) {
                    assertThat(List.of(subscriber.nextData(), subscriber.nextData())).containsExactly("1", "2");
                    assertThat(subscriber.nextFrame()).endsWith(": end");
                    assertThat(subscriber.endsProperly()).isTrue();
                }
                assertThat(one.status(TOPIC + "&lastEventID=" + last)).isEqualTo(204);
                Node three = start("three" + id);
                assertThat(three.status(TOPIC + "&lastEventID=" + last)).as("a node that started later").isEqualTo(204);
                try (SseClient fresh = SseClient.opened(three.server().port(), TOPIC)) {
                    assertThat(fresh.nextData()).isEqualTo("opens");
                    assertThat(fresh.endsProperly()).isTrue();
                }
                String again = two.publish("again", null, false);
                assertThat(one.status(TOPIC + "&lastEventID=" + again)).as("opened by another node").isEqualTo(200);
                assertThat(one.status(TOPIC + "&lastEventID=" + last)).isEqualTo(200);
            }
        }
    }

    /** The publisher loses its node, and repeats at the other one what it is not sure of. */
    @Test
    void aBodyGoesOnAtAnotherNodeAndEndsTheTopicOnBoth() throws Exception {
        Node one = start("one");
        Node two = start("two");
        try (SseClient here = SseClient.opened(one.server().port(), TOPIC);
                SseClient there = SseClient.opened(two.server().port(), TOPIC)) {
            int next = 0;
            for (Node node : List.of(one, two, one)) {
                try (BodyPublisher body = new BodyPublisher(node.server().port(), "topic=run/1&end")) {
                    body.send(events(Math.max(0, next - 5), next + 20) + "id: run/1/lost\ndata: ");
                    for (int last = next + 20; next < last; next++) {
                        assertThat(here.nextFrame()).isEqualTo("id: run/1/" + next + "\ndata: " + next);
                    }
                }
            }
            try (BodyPublisher body = new BodyPublisher(two.server().port(), "topic=run/1&end")) {
                body.send(events(0, next + 1));
                assertThat(body.end()).endsWith("\nevents: 62\nlast-id: run/1/60/end\n");
            }
            for (int i = 0; i <= next; i++) {
                assertThat(there.nextFrame()).isEqualTo("id: run/1/" + i + "\ndata: " + i);
            }
            assertThat(here.nextData()).isEqualTo("" + next);
            for (SseClient subscriber : List.of(here, there)) {
                assertThat(subscriber.nextFrame()).isEqualTo("id: run/1/60/end\nevent: end\ndata: ");
                assertThat(subscriber.nextFrame()).endsWith(": end");
                assertThat(subscriber.endsProperly()).isTrue();
            }
        }
        for (Node node : List.of(one, two)) {
            assertThat(node.status(TOPIC + "&lastEventID=run/1/60/end")).isEqualTo(204);
        }
        try (BodyPublisher body = new BodyPublisher(one.server().port(), "topic=run/1")) {
            body.send("data: opens\n\n");
            assertThat(body.end()).contains("events: 1\n");
        }
        for (Node node : List.of(one, two)) {
            try (SseClient back = new SseClient(node.server().port(), TOPIC + "&lastEventID=run/1/60/end")) {
                assertThat(back.nextData()).isEqualTo("opens");
            }
        }
    }

    private static String events(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "id: run/1/" + i + "\ndata: " + i + "\n\n").collect(Collectors.joining());
    }

    /** A node that cannot get news does not stop a client that has more than itself. */
    @Test
    void aNodeThatIsCutOffStopsNobodyWhoIsAhead() throws Exception {
        Node one = start("one");
        String end = one.publish("1", null, true);
        redisServer.kill();
        await().until(() -> one.hub().outage().isPresent());
        long millis = Long.parseLong(end.substring(0, end.indexOf('-')));
        assertThat(one.status(TOPIC + "&lastEventID=" + (millis + 5) + "-0")).isEqualTo(200);
        assertThat(one.status(TOPIC + "&lastEventID=" + end)).isEqualTo(204);
        redisServer.restart();
        await().until(() -> one.hub().outage().isEmpty());
        await().until(() -> one.status(TOPIC + "&lastEventID=" + end) == 200); // events may be lost, which may have opened it
    }
}
