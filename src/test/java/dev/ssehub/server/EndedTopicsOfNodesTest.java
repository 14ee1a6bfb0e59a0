package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
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
        return new Node(hub, open(TestHub.serve(hub)));
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
