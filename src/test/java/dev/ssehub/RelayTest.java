package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.event.Update;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.relay.EventServer;
import dev.ssehub.server.LogCapture;
import dev.ssehub.server.Relay;
import dev.ssehub.server.SseClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole hub that relays the events of another server, and its clients. The relay alone: {@link dev.ssehub.relay.RelayFeed}. */
@Timeout(60)
class RelayTest {
    private static final String ALL = "/sse?topic=app&topic=other&lastEventID=earliest";

    @TempDir
    private Path folder;
    private EventServer server;

    @BeforeEach
    void start() throws IOException {
        server = new EventServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private HubConfig load() {
        return HubConfig.load(folder.resolve("hub.yaml"), Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0",
                "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false", "sse-hub.history.file",
                folder.resolve("hub.db").toString()));
    }

    private void write(String relays) throws IOException {
        Files.writeString(folder.resolve("hub.yaml"), "sse-hub.feeds.relay: [" + relays + "]");
    }

    private Application startHub() {
        return Application.start(this::load, Optional.empty(), Clock.systemUTC());
    }

    private static void assertReceives(SseClient client, int first, int last) throws IOException {
        for (int i = first; i <= last; i++) {
            assertThat(client.nextData()).isEqualTo("" + i);
        }
    }

    private void add(int first, int last) {
        IntStream.rangeClosed(first, last).forEach(i -> server.add("data: " + i));
    }

    /** Every event reaches the clients once, through restarts of the server and of the hub in any order. */
    @Test
    void losesAndRepeatsNothingThroughRestarts() throws Exception {
        write("{url: '" + server.url() + "', topic: app}");
        add(1, 10);
        for (int round = 1; round <= 3; round++) {
            int last = 20 * round;
            try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), ALL)) {
                assertReceives(client, 1, last - 10);
                server.stop();
                add(last - 9, last);
                server.startAgain();
                assertReceives(client, last - 9, last);
                if (round == 2) {
                    server.stop();
                }
            }
            if (round == 2) {
                server.startAgain();
            }
            add(last + 1, last + 10);
        }
    }

    @Test
    void aReloadStartsReplacesAndStopsRelaysAtTheirPlace() throws Exception {
        String url = "url: '" + server.url() + "'";
        write("");
        add(1, 2);
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), ALL)) {
            write("{" + url + ", topic: app}");
            assertThat(hub.reload("a test").applied()).containsExactly("sse-hub.feeds.relay");
            assertReceives(client, 1, 2);
            assertThat(server.nextRequest()).doesNotContainIgnoringCase("last-event-id");

            write("{" + url + ", topic: other, headers: {X-New: '1'}}");
            hub.reload("a test");
            assertThat(server.nextRequest()).containsIgnoringCase("x-new: 1").containsIgnoringCase("last-event-id: 2");
            add(3, 3);
            assertReceives(client, 3, 3);

            write("{" + url + "}");
            assertThatExceptionOfType(StartupException.class).isThrownBy(() -> hub.reload("a test"));
            add(4, 4);
            assertReceives(client, 4, 4);

            write("");
            hub.reload("a test");
            assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                    .noneMatch(name -> name.contains("relay of"));
        }
    }

    /** One node at a time reads the stream, and every event reaches the clients of both nodes once. */
    @Test
    void aNodeGoesOnWhereTheOtherNodeWas() throws Exception {
        write("{url: '" + server.url() + "', topic: app}");
        add(1, 50);
        try (RedisServer shared = RedisServer.start()) {
            Supplier<HubConfig> config = () -> HubConfig.load(folder.resolve("hub.yaml"), Map.of(),
                    Map.of("server.host", "127.0.0.1",
                            "server.port", "0", "sse-hub.transport.redis.uri", "redis://127.0.0.1:" + shared.port()));
            String key = config.get().feeds().relays().getFirst().key();
            try (Redis redis = new Redis(shared.settings("sse-hub"))) { // as after a stop, so that nobody waits for a holder that may live
                String run = redis.client().info("server").replaceFirst("(?s).*run_id:(\\w+).*", "$1");
                redis.client().hset(redis.key("leases"), "feed-relay-" + key, run + " free");
            }
            try (Application first = Application.start(config, Optional.empty(), Clock.systemUTC());
                    SseClient ofFirst = new SseClient(first.port(), ALL)) {
                assertReceives(ofFirst, 1, 50);
                assertThat(server.nextRequest()).doesNotContainIgnoringCase("last-event-id");
                try (Application second = Application.start(config, Optional.empty(), Clock.systemUTC());
                        SseClient ofSecond = new SseClient(second.port(), ALL)) {
                    assertReceives(ofSecond, 1, 50);
                    add(51, 60);
                    assertReceives(ofSecond, 51, 60);
                    first.feeds().close();
                    add(61, 100);
                    assertReceives(ofFirst, 51, 100);
                    assertReceives(ofSecond, 61, 100);
                    assertThat(server.nextRequest()).containsIgnoringCase("last-event-id: 60\r\n");
                }
            }
        }
    }

    /** With checkpoints, another hub names its place at once, so nothing is missed even before the first event, and it tells what it has lost. */
    @Test
    void relaysAnotherHub() throws Exception {
        Files.writeString(folder.resolve("other.yaml"), "sse-hub: {history.max-events: 5, retry: 100ms}");
        try (Application other = Application.start(() -> HubConfig.load(folder.resolve("other.yaml"), Map.of(),
                Map.of("server.host", "127.0.0.1", "server.port", "0", "sse-hub.feeds.time.enabled", "false",
                        "sse-hub.feeds.system.enabled", "false")),
                Optional.empty(), Clock.systemUTC());
                Relay network = new Relay(other.port())) {
            other.hub().publish(new Update("a", "before"));
            write("{url: 'http://127.0.0.1:" + network.port() + "/sse?topic=a&checkpoints=true', topic: app}");
            try (Application hub = startHub();
                    LogCapture log = new LogCapture();
                    SseClient client = new SseClient(hub.port(), ALL)) {
                await().atMost(Duration.ofSeconds(20)).until(() -> other.hub().subscribers() == 1);
                network.cut();
                other.hub().publish(new Update(List.of("a"), "1", null, "own", null, false));
                network.mend();
                assertReceives(client, 1, 1);
                network.cut();
                other.hub().publish(new Update("a", "2"));
                network.mend();
                assertReceives(client, 2, 2);
                assertThat(log.warnings()).filteredOn(line -> line.contains("missed") || line.contains("lost")).isEmpty();
                network.cut();
                for (int i = 0; i < 10; i++) {
                    other.hub().publish(new Update("a", "" + i));
                }
                network.mend();
                assertReceives(client, 5, 9);
                assertThat(log.warnings()).anyMatch(line -> line.startsWith("the server of the relay of")
                        && line.contains("has lost events, and so has the relay: {\"requested\":"));
            }
        }
    }

    @Test
    void aHubThatRelaysItselfDoesNotGoRound() throws Exception {
        write("");
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), ALL)) {
            write("{url: 'http://127.0.0.1:" + hub.port() + "/sse?topic=app', topic: app}");
            hub.reload("a test");
            await().atMost(Duration.ofSeconds(20)).until(() -> hub.hub().subscribers() == 2);
            for (int i = 1; i <= 3; i++) {
                String id = hub.hub().publish(new Update("app", "" + i));
                assertThat(client.nextData()).isEqualTo("" + i);
                assertThat(client.nextFrame()).as("the copy").matches("id: [0-9a-f]{8}:" + id + "\ndata: " + i);
            }
        }
    }

    @Test
    void theStartDoesNotDependOnTheServer() throws Exception {
        server.stop();
        write("{url: '" + server.url() + "', topic: app}");
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), ALL)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> client.headers().startsWith("HTTP/1.1 200"));
            server.startAgain();
            add(1, 1);
            assertReceives(client, 1, 1);
        }
    }
}
