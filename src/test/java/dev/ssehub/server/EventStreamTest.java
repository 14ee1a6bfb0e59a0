package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.logging.LoggedLines;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.transport.LocalTransport;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that leave, stall or stay, on real sockets. */
class EventStreamTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Meters meters = new Meters();
    private Hub hub;
    private HubServer server;

    private void start(Duration heartbeat, Duration writeTimeout, int mailbox) throws IOException {
        start(heartbeat, writeTimeout, mailbox, 1 << 28);
    }

    private void start(Duration heartbeat, Duration writeTimeout, int mailbox, long historyBytes) throws IOException {
        hub = new Hub(new HubSettings(heartbeat, writeTimeout, new Mailbox.Limits(mailbox, 1 << 20),
                new Limits(100_000, Duration.ofHours(1), historyBytes)),
                new LocalTransport(InstantSource.system()), meters, InstantSource.system());
        TestSettings settings = new TestSettings();
        settings.writeTimeout = writeTimeout;
        server = TestHub.serve(hub, settings);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        assertThat(hub.subscribers()).isZero();
    }

    @Test
    void noticesALeavingClientWithinASecondWithoutAnEvent() throws IOException {
        start(LONG, LONG, 16);
        SseClient closed = open();
        SseClient killed = open();
        SseClient stays = open();
        assertThat(hub.subscribers()).isEqualTo(3);

        closed.close();
        await().atMost(Duration.ofSeconds(1)).until(() -> hub.subscribers() == 2);
        killed.reset();
        await().atMost(Duration.ofSeconds(1)).until(() -> hub.subscribers() == 1);

        hub.publish(new Update("t", "still here"));
        assertThat(stays.nextData()).isEqualTo("still here");
        stays.close();
    }

    /** The unread data may fit into the kernel's buffers, so that no write blocks. Then the connection times out. */
    @ParameterizedTest
    @CsvSource({"20, 2000, timed-out", "2000, 2000, too-slow", "30, 900000, too-slow"})
    void countsAClientThatReadsNothing(int events, int size, String reason) throws IOException {
        start(LONG, Duration.ofSeconds(1), 16);
        try (LoggedLines log = new LoggedLines("dev.ssehub.stream", Level.INFO)) {
            try (SseClient stalled = SseClient.withWindow(server.port(), "/sse", 4 * 1024)) {
                assertThat(stalled.nextFrame()).startsWith("retry: ");
                for (int i = 0; i < events; i++) {
                    hub.publish(new Update("t", "x".repeat(size)));
                }
                await().atMost(Duration.ofSeconds(20)).until(() -> !log.all().isEmpty());
            }
            assertThat(log.all()).singleElement().asString()
                    .matches("(WARNING|INFO) dev\\.ssehub\\.stream\\.StreamLog: a stream was cut off "
                            + "reason=" + reason
                            + " address=127\\.0\\.0\\.1 topics=\\[t] last_id=[0-9-]+ delivered=[0-9]+ age=[0-9.]+");
        }
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(new String(meters.scrape(), UTF_8))
                .contains("{reason=\"" + reason + "\"} 1.0", "{reason=\"client-gone\"} 0.0"));
    }

    @Test
    void doesNotDelayOthersWhenAClientStopsReading() throws IOException {
        start(LONG, LONG, 16);
        String big = "x".repeat(50_000);
        try (SseClient stalled = SseClient.withSmallWindow(server.port(), "/sse"); SseClient reads = open()) {
            for (int i = 0; i < 400; i++) {
                hub.publish(new Update("t", i + " " + big)); // 20 MB, far more than the kernel holds for one connection
                assertThat(reads.nextData()).startsWith(i + " ");
            }
            assertThat(hub.subscribers()).isEqualTo(2);

            // when it reads again, it has lost nothing
            for (int i = 0; i < 400; i++) {
                assertThat(stalled.nextData()).startsWith(i + " ");
            }
        }
    }

    /** Publishes 200 MB, ten thousand events of 20 KB, while a client's window is full. The history holds 100 of them. */
    @Test
    void keepsNoEventsForAStalledClientAndReportsTheTrueGap() throws IOException {
        int events = 10_000;
        String text = "x".repeat(20_000);
        start(LONG, LONG, 1_000, 100L * 20_200);
        try (SseClient stalled = SseClient.withSmallWindow(server.port(), "/sse"); SseClient reads = open()) {
            assertThat(stalled.nextFrame()).startsWith("retry: ");
            long before = TestHub.usedMemory();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < events; i++) {
                ids.add(hub.publish(new Update("t", i + " " + text)));
                if (i % 50 == 49) { // the other client follows at once
                    String last = "";
                    while (!last.startsWith(i + " ")) {
                        last = reads.nextData();
                    }
                }
            }
            assertThat(TestHub.usedMemory() - before).as("bytes kept").isLessThan(20_000_000);

            int next = 0;
            String frame = stalled.nextFrame();
            for (; !frame.contains("event: gap"); frame = stalled.nextFrame()) {
                assertThat(frame).startsWith("id: " + ids.get(next) + "\ndata: " + next + " x");
                next++;
            }
            assertThat(next).as("what the kernel, the drainer and the mailbox held").isBetween(1, 200);
            frame = frame.replaceAll("\\s", "");
            String oldest = frame.replaceAll(".*\"oldest\":\"([^\"]*)\".*", "$1");
            assertThat(frame).isEqualTo("id:" + ids.get(ids.indexOf(oldest) - 1) + "event:gapdata:{\"requested\":\""
                    + ids.get(next - 1) + "\",\"oldest\":\"" + oldest
                    + "\",\"newest\":\"" + ids.getLast() + "\"}");
            next = ids.indexOf(oldest);
            assertThat(events - next).as("what the history holds").isBetween(90, 100);
            for (; next < events; next++) {
                assertThat(stalled.nextFrame()).startsWith("id: " + ids.get(next) + "\ndata: " + next + " x");
            }
            hub.publish(new Update("t", "live again"));
            assertThat(stalled.nextData()).isEqualTo("live again");
        }
    }

    @Test
    void cutsOffAClientThatDoesNotReadForTheWriteTimeout() throws IOException {
        start(LONG, Duration.ofSeconds(1), 16);
        String big = "x".repeat(1_000_000);
        try (SseClient stalled = SseClient.withSmallWindow(server.port(), "/sse"); SseClient reads = open()) {
            for (int i = 0; i < 20; i++) {
                hub.publish(new Update("t", i + big));
                assertThat(reads.nextData()).startsWith("" + i);
            }
            await().atMost(Duration.ofSeconds(4)).until(() -> hub.subscribers() == 1);
            stalled.awaitClosed();

            hub.publish(new Update("t", "still here"));
            assertThat(reads.nextData()).isEqualTo("still here");
        }
    }

    @Test
    void keepsAClientThatReadsSlowly() throws IOException {
        start(LONG, Duration.ofSeconds(2), 16);
        String big = "x".repeat(100_000);
        // a window of several segments, which are 64 KB on the loopback interface
        try (SseClient slow = SseClient.withWindow(server.port(), "/sse", 256 * 1024)) {
            slow.nextFrame();
            for (int i = 0; i < 100; i++) {
                hub.publish(new Update("t", i + " " + big));
            }
            for (int i = 0; i < 12; i++) {
                await().pollDelay(Duration.ofMillis(300)).until(() -> true); // 330 KB/s
                assertThat(slow.nextData()).startsWith(i + " ");
            }
            assertThat(hub.subscribers()).isEqualTo(1);
        }
    }

    @Test
    void sendsHeartbeatsToIdleStreamsOnly() throws IOException {
        start(Duration.ofMillis(400), LONG, 16);
        try (SseClient idle = open("/sse?topic=other");
                SseClient plain = SseClient.plain(server.port(), "/sse?topic=other");
                SseClient busy = open()) {
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                assertThat(idle.nextFrame()).matches("(?s)(id: \\d+-\\d+\n)?: heartbeat");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1_000));
            }
            for (int i = 0; i < 8; i++) {
                await().pollDelay(Duration.ofMillis(100)).until(() -> true); // an event each 100 ms
                hub.publish(new Update("t", "" + i));
            }
            List<String> frames = new ArrayList<>();
            while (frames.isEmpty() || !frames.getLast().endsWith("data: 7")) {
                frames.add(busy.nextFrame());
            }
            int first = frames.indexOf(frames.stream().filter(frame -> frame.endsWith("data: 0")).findFirst().orElseThrow());
            assertThat(frames.subList(first, frames.size())).hasSize(8).noneMatch(frame -> frame.startsWith(":"));

            hub.publish(new Update("other", "x"));
            assertThat(plain.nextFrame()).as("no empty line, and as short as possible")
                    .matches("retry: \\d+\nid: \\d+-\\d+\n: sse-hub\n(:\n){3,}id: \\d+-\\d+\ndata: x");
        }
    }

    @Test
    void cutsEveryStreamAfterTheLastEventWhenTheHubCloses() throws Exception {
        start(LONG, LONG, 16);
        List<SseClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(open());
        }
        hub.publish(new Update("t", "last words"));
        hub.close(TestHub.drain(5_000));

        for (SseClient client : clients) {
            assertThat(client.nextData()).isEqualTo("last words");
            assertThat(client.isCutBetweenChunks()).isTrue();
            client.close();
        }
    }

    @Test
    void closesInTimeDespiteAClientThatDoesNotRead() throws Exception {
        start(LONG, LONG, 16);
        try (SseClient stalled = SseClient.withSmallWindow(server.port(), "/sse"); SseClient reads = open()) {
            String big = "x".repeat(1_000_000);
            for (int i = 0; i < 20; i++) {
                hub.publish(new Update("t", big));
                reads.nextData();
            }
            long start = System.nanoTime();
            hub.close(TestHub.drain(500));
            await().atMost(Duration.ofSeconds(2)).until(() -> hub.subscribers() == 0);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(2));
            assertThat(reads.isCutBetweenChunks()).isTrue();
            stalled.awaitClosed();
        }
    }

    @Test
    void keepsNothingOfThousandsOfStreams() throws Exception {
        start(LONG, LONG, 16);
        for (int round = 0; round < 5; round++) {
            List<SseClient> clients = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                clients.add(open());
            }
            hub.publish(new Update("t", "round " + round));
            for (SseClient client : clients) {
                assertThat(client.nextData()).isEqualTo("round " + round);
            }
            for (int i = 0; i < clients.size(); i++) {
                if (i % 2 == 0) {
                    clients.get(i).close();
                } else {
                    clients.get(i).reset();
                }
            }
            await().atMost(Duration.ofSeconds(2)).until(() -> hub.subscribers() == 0);
        }
    }

    private SseClient open() throws IOException {
        return open("/sse");
    }

    private SseClient open(String target) throws IOException {
        return SseClient.opened(server.port(), target);
    }
}
