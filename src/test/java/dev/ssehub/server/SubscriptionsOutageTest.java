package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The updates about subscriptions while the history cannot take them. */
class SubscriptionsOutageTest {
    private static final String PATH = "/.well-known/mercure/subscriptions";

    private final FullDisk disk = new FullDisk();
    private final Hub hub = TestHub.create(disk);
    private HubServer server;
    private SseClient watcher;

    @BeforeEach
    void start() throws IOException {
        TestSettings settings = new TestSettings();
        settings.tellsSubscriptions = true;
        server = HubServer.start(settings.build(), hub, new AnonymousAuthorizer(new Grant(List.of(),
                List.of(new TopicSelector.Any()), List.of(TopicSelector.parse(PATH + "{/topic}{/subscriber}")))), new Meters());
        watcher = open("/sse?topic=" + PATH + "/a/{subscriber}&topic=" + PATH + "/b/{subscriber}");
    }

    @AfterEach
    void stop() throws IOException {
        watcher.close();
        hub.close();
        server.close();
    }

    @Test
    void aStreamThatOpensAndStaysIsPublishedWhenTheOutageIsOver() throws Exception {
        disk.fill();
        try (LogCapture log = new LogCapture(); SseClient _ = open("/sse?topic=a&topic=b")) {
            await().atMost(Duration.ofSeconds(10)).until(() -> disk.refused() >= 2);
            disk.free();

            assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":true");
            assertThat(watcher.nextData()).contains("\"topic\":\"b\"", "\"active\":true");
            assertThat(log.warnings()).containsExactly("the updates about subscriptions wait: the history cannot take them");
        }
        assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":false");
    }

    /** Of two updates, the first was published. */
    @Test
    void aStreamThatEndsDuringTheOutageIsPublishedAsEnded() throws Exception {
        try (SseClient _ = open("/sse?topic=a")) {
            assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":true");
            disk.fill();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> disk.refused() >= 2);
        disk.free();
        assertThat(watcher.nextData()).contains("\"topic\":\"a\"", "\"active\":false");
    }

    /** The watcher waits for nothing else, so what it sees next is about the last stream. */
    @Test
    void streamsThatOpenAndCloseDuringTheOutageLeaveNothing() throws Exception {
        disk.fill();
        for (int i = 0; i < 20; i++) {
            open("/sse?topic=a").close();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> hub.subscribers() == 1);
        try (SseClient _ = open("/sse?topic=b")) {
            disk.free();
            assertThat(watcher.nextData()).contains("\"topic\":\"b\"", "\"active\":true");
        }
        assertThat(watcher.nextData()).contains("\"topic\":\"b\"", "\"active\":false");
    }

    private SseClient open(String path) throws IOException {
        SseClient client = new SseClient(server.port(), path);
        client.nextFrame();
        return client;
    }
}
