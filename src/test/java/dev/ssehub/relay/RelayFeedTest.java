package dev.ssehub.relay;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Leases;
import dev.ssehub.cluster.Scope;
import dev.ssehub.event.Event;
import dev.ssehub.event.EventDecoder;
import dev.ssehub.event.Update;
import dev.ssehub.feed.Reach;
import dev.ssehub.history.History;
import dev.ssehub.history.Query;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.hub.Hub;
import dev.ssehub.server.FullDisk;
import dev.ssehub.server.LogCapture;
import dev.ssehub.server.TestHub;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RelayFeedTest {
    private static final RelaySettings.Limits LIMITS = new RelaySettings.Limits(1000, 100, 100_000);
    private static final Duration IDLE = Duration.ofMinutes(5);

    @TempDir
    private Path folder;
    private final FullDisk disk = new FullDisk();
    private final Hub hub = TestHub.create(10_000, 1 << 20, disk);
    private final AtomicInteger losses = new AtomicInteger();
    private EventServer server;
    private LogCapture log;

    @BeforeEach
    void start() throws IOException {
        server = new EventServer();
        log = new LogCapture();
    }

    @AfterEach
    void stop() throws IOException {
        log.close();
        hub.close();
        server.close();
    }

    private RelaySettings settings() {
        return settings(LIMITS, IDLE, Map.of(), Map.of());
    }

    private RelaySettings settings(RelaySettings.Limits limits, Duration idle, Map<String, String> headers,
            Map<String, Path> files) {
        return new RelaySettings(URI.create(server.url() + "?token=secret"), Optional.of("all"), Map.of("price", "prices"),
                headers, files,
                false, idle, Scope.CLUSTER, limits);
    }

    private RelayFeed relay() {
        return relay(settings());
    }

    private RelayFeed relay(RelaySettings settings) {
        return new RelayFeed(hub, settings, new Reach(Leases.Lease.ALWAYS, false), null, losses::incrementAndGet);
    }

    /** Returns the events of a topic, oldest first. */
    private List<Event> events(String topic) {
        Selection selection = Selection.withoutSearch(SelectorSet.of(List.of(new TopicSelector.Exact(topic))));
        List<Event> events = new ArrayList<>();
        Slice slice = hub.history().read(new Query(0, History.UNKNOWN, selection, _ -> true, Event::size, 1 << 20));
        events.addAll(slice.events());
        while (!slice.atEnd()) { // the time of each read is limited
            slice = hub.history().read(new Query(slice.upTo(), History.UNKNOWN, selection, _ -> true, Event::size, 1 << 20));
            events.addAll(slice.events());
        }
        return events;
    }

    private static String data(Event event) {
        EventDecoder.Block block = new EventDecoder(1 << 20).next(ByteBuffer.wrap(event.frame()));
        return String.valueOf(block == null ? null : block.data());
    }

    private List<String> awaitData(String topic, int count) {
        await().atMost(Duration.ofSeconds(30)).until(() -> events(topic).size() >= count);
        return events(topic).stream().map(RelayFeedTest::data).toList();
    }

    @Test
    void publishesToTheTopicOfTheType() {
        try (RelayFeed _ = relay()) {
            server.add("data: one");
            server.add("event: price\ndata: 2.5\ndata: EUR");
            server.addRaw("event: other\ndata: without an id\n\n");

            assertThat(awaitData("all", 2)).containsExactly("one", "without an id");
            assertThat(awaitData("prices", 1)).containsExactly("2.5\nEUR");
            assertThat(events("all").getFirst().id()).isEqualTo(settings().key() + ":1");
            assertThat(events("all").getLast().id()).matches("\\d+-\\d+");
            assertThat(events("prices").getFirst().id()).isEqualTo(settings().key() + ":2");
        }
    }

    /** Every event arrives once and in order, wherever the connection is cut, also between the lines of an event and within a character. */
    @Test
    void losesAndRepeatsNothingWhenTheConnectionIsCut() {
        Random random = new Random(21);
        server.cutAfter(() -> 1 + random.nextInt(2500));
        List<String> expected = IntStream.range(0, 200).mapToObj(i -> "\u20AC ".repeat(i % 20) + i).toList();
        expected.subList(0, 100).forEach(data -> server.add("data: " + data));
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 100)).isEqualTo(expected.subList(0, 100));
            expected.subList(100, 200).forEach(data -> server.add("data: " + data));
            assertThat(awaitData("all", 200)).isEqualTo(expected);
        }
    }

    @Test
    void goesOnAfterTheLastEventOfTheHistory() throws Exception {
        server.add("data: 1");
        server.add("event: price\ndata: 2");
        try (RelayFeed _ = relay()) {
            assertThat(server.nextRequest()).doesNotContainIgnoringCase("last-event-id")
                    .contains("GET /events?token=secret HTTP/1.1");
            awaitData("prices", 1);
        }
        hub.publish(new Update("all", "of another publisher"));
        server.add("data: 3");
        try (RelayFeed _ = relay()) {
            assertThat(server.nextRequest()).containsIgnoringCase("last-event-id: 2\r\n");
            assertThat(awaitData("all", 3)).containsExactly("1", "of another publisher", "3");
        }
    }

    @Test
    void waitsWhileTheServerIsDown() throws Exception {
        try (RelayFeed relay = relay()) {
            server.add("data: 1");
            awaitData("all", 1);
            server.stop();
            server.add("data: 2");
            await().atMost(Duration.ofSeconds(20)).until(relay::isDown);
            await().atMost(Duration.ofSeconds(20)).until(() -> !log.warnings().isEmpty());
            server.startAgain();
            assertThat(awaitData("all", 2)).containsExactly("1", "2");
            assertThat(relay.isDown()).isFalse();
            assertThat(log.warnings()).containsExactly("the relay of " + server.url()
                    + " has no connection and tries again: the server cannot be reached");
        }
    }

    @Test
    void waitsWhileTheHistoryIsUnavailable() {
        try (RelayFeed _ = relay()) {
            disk.fill();
            server.add("data: 1");
            server.add("data: 2");
            await().atMost(Duration.ofSeconds(20)).until(() -> disk.refused() >= 1);
            disk.free();
            assertThat(awaitData("all", 2)).containsExactly("1", "2");
        }
    }

    @Test
    void leavesOutWhatItCannotPublish() {
        server.add("data: " + "x".repeat(1001));
        server.add("event: " + "t".repeat(101) + "\ndata: 2");
        server.add("event: overload\ndata: 3");
        server.addRaw("id: \u20AC\ndata: with an id that no header can have\n\n");
        server.addRaw("id: " + "7".repeat(95) + "\ndata: with an id that is too long\n\n");
        try (RelayFeed relay = relay()) {
            assertThat(awaitData("all", 2)).containsExactly("with an id that no header can have", "with an id that is too long");
            assertThat(relay.place()).as("the last id that can be sent").isEqualTo("3");
            assertThat(losses).hasValue(3);
            assertThat(log.warnings()).containsExactly("the relay of " + server.url()
                    + " leaves out an event: it is larger than 1000 bytes (sse-hub.publish.max-size)");
        }
    }

    /** 20 events a second, and 40 at once: 70 take 1.5 seconds. */
    @Test
    void readsNoFasterThanItMayPublish() {
        IntStream.range(0, 70).forEach(i -> server.add("data: " + i));
        long begin = System.nanoTime();
        try (RelayFeed _ = relay(settings(new RelaySettings.Limits(1000, 100, 20), IDLE, Map.of(), Map.of()))) {
            assertThat(awaitData("all", 70)).isEqualTo(IntStream.range(0, 70).mapToObj(String::valueOf).toList());
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1400));
    }

    @ParameterizedTest
    @ValueSource(strings = {"401 Unauthorized", "404 Not Found"})
    void triesAgainMuchLaterWhenItIsRefused(String status) throws Exception {
        server.answer("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        try (RelayFeed relay = relay()) {
            server.nextRequest();
            await().atMost(Duration.ofSeconds(20)).until(relay::isDown);
            await().during(Duration.ofMillis(300)).until(() -> server.requests() == 0);
            assertThat(log.warnings()).containsExactly("the relay of " + server.url()
                    + " has no connection and tries again: the server answers with status " + status.substring(0, 3));
        }
    }

    @Test
    void triesAgainSoonAfterAFailureOfTheServer() throws Exception {
        server.answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
        server.add("data: 1");
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 1)).containsExactly("1");
        }
    }

    @Test
    void stopsForGoodWhenTheServerAsksForIt() throws Exception {
        server.answer("HTTP/1.1 204 No Content\r\n\r\n");
        try (RelayFeed _ = relay()) {
            server.nextRequest();
            await().atMost(Duration.ofSeconds(20)).until(() -> log.warnings().contains("the relay of " + server.url()
                    + " has ended, because the server asks for it: the server answers with status 204"));
        }
    }

    /** Each broken answer is followed by the next one, and after the last one by the real stream. */
    @Test
    void survivesBrokenAnswers() {
        String ok = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
        for (String answer : List.of("\r\nretry: 0\n\n", "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                "Content-Length: 99\r\n\r\n:",
                "\r\ndata: " + "x".repeat(2 << 20), "\r\n" + "data: y\n".repeat(100_000) + "\n",
                "\r\n" + ":".repeat(1 << 20) + "\n\n", "\r\nid: a\0b\n\n",
                "\r\n\uFEFFdata: after a BOM\n\ndata: not complete\n")) {
            server.answer(ok + answer);
        }
        server.add("data: 1");
        try (RelayFeed relay = relay()) {
            assertThat(awaitData("all", 2)).containsExactly("after a BOM", "1");
            assertThat(losses).as("an event of too many lines").hasValue(1);
            assertThat(relay.place()).isEqualTo("1");
        }
        assertThat(log.warnings()).hasSizeBetween(1, 11);
    }

    /** A hub has the event from this relay, directly or through other hubs. */
    @Test
    void leavesOutWhatItHasPublishedItself() {
        server.addRaw("id: 01234567:" + settings().idPrefix() + "5\ndata: comes back\n\n");
        server.add("data: new");
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 1)).containsExactly("new");
            assertThat(losses).hasValue(0);
            assertThat(log.warnings()).containsExactly("the relay of " + server.url()
                    + " leaves out an event that it has published itself: the server has it from this hub");
        }
    }

    @Test
    void waitsAsLongAsABusyServerAsks() throws Exception {
        server.answer("HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n");
        server.answer("HTTP/1.1 429 Busy\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n");
        server.add("data: 1");
        long begin = System.nanoTime();
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 1)).containsExactly("1");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void refusesACompressedStream() {
        server.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n\u001f\u008b");
        try (RelayFeed _ = relay()) {
            await().atMost(Duration.ofSeconds(20)).until(() -> log.warnings().contains("the relay of " + server.url()
                    + " has no connection and tries again: the server compresses the stream, although the relay does not ask for it"));
        }
    }

    @Test
    void refusesWhatIsNoEventStream() {
        server.answer("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nabc");
        try (RelayFeed _ = relay()) {
            await().atMost(Duration.ofSeconds(20)).until(() -> log.warnings().contains("the relay of " + server.url()
                    + " has no connection and tries again: the server answers with status 200, but not with text/event-stream"));
        }
    }

    /** A secret must not get to another server, and the file with a secret may change. */
    @Test
    void sendsItsHeadersToItsServerOnly() throws Exception {
        Path file = Files.writeString(folder.resolve("token"), "Bearer first\n");
        try (EventServer other = new EventServer()) {
            other.add("data: from the other");
            server.answer("HTTP/1.1 307 Temporary\r\nLocation: /moved?x=1\r\nContent-Length: 0\r\n\r\n");
            server.answer("HTTP/1.1 302 Found\r\nLocation: " + other.url() + "\r\nContent-Length: 0\r\n\r\n");
            try (RelayFeed _ = relay(settings(LIMITS, IDLE, Map.of("x-client", "hub", "last-event-id", "earliest"),
                    Map.of("authorization", file)))) {
                assertThat(server.nextRequest()).containsIgnoringCase("\r\nx-client: hub\r\n")
                        .containsIgnoringCase("\r\nauthorization: Bearer first\r\n")
                        .containsIgnoringCase("\r\nlast-event-id: earliest\r\n");
                assertThat(server.nextRequest()).startsWith("GET /moved?x=1 ")
                        .containsIgnoringCase("authorization: Bearer first");
                assertThat(other.nextRequest()).doesNotContainIgnoringCase("x-client")
                        .doesNotContainIgnoringCase("authorization");
                assertThat(awaitData("all", 1)).containsExactly("from the other");
                Files.writeString(file, "Bearer second");
                other.cut();
                assertThat(server.nextRequest()).containsIgnoringCase("\r\nauthorization: Bearer second\r\n")
                        .containsIgnoringCase("\r\nlast-event-id: 1\r\n");
            }
        }
    }

    /** As a cursor of a batch, which HTML allows. The server goes on after all of them. */
    @Test
    void eventsWithTheSameIdAreDifferentEvents() {
        server.addRaw("id: 1\ndata: a\n\nid: 1\ndata: b\n\nid: 2\ndata: c\n\n");
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 3)).containsExactly("a", "b", "c");
            assertThat(events("all")).extracting(Event::id).element(0).isEqualTo(settings().idPrefix() + "1");
        }
    }

    @Test
    void connectsAgainWhenTheServerIsSilent() throws Exception {
        try (RelayFeed _ = relay(settings(LIMITS, Duration.ofSeconds(1), Map.of(), Map.of()))) {
            server.nextRequest();
            server.nextRequest();
            assertThat(log.warnings()).first().asString().endsWith("tries again: the server was silent for 1 seconds");
        }
    }

    @Test
    void tellsWhatTheServerHasLost() {
        server.answer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSse-Hub: 1\r\nLast-Event-ID: earliest\r\n\r\n"
                + "retry: 1\nevent: gap\ndata: {}\n\nid: 9\ndata: 9\n\n");
        try (RelayFeed relay = new RelayFeed(hub, settings(), Reach.NODE, "5", losses::incrementAndGet)) {
            assertThat(awaitData("all", 1)).containsExactly("9");
            assertThat(log.warnings()).containsExactly(
                    "the relay of " + server.url() + " has missed events: the server does not know the event 5 any more",
                    "the server of the relay of " + server.url() + " has lost events, and so has the relay: {}");
            assertThat(losses).hasValue(2);
            assertThat(relay.place()).isEqualTo("9");
        }
    }

    @Test
    void takesAGapForAnEventIfTheServerIsNoHub() {
        server.addRaw("id: 1\nevent: gap\ndata: " + "x".repeat(50) + "\n\n");
        server.addRaw("id: 2\ndata: b\n\n");
        try (RelayFeed _ = relay()) {
            assertThat(awaitData("all", 1)).containsExactly("b");
            assertThat(log.warnings()).singleElement().asString().endsWith(
                    "leaves out an event: the type must not be one of the hub's own: gap, expired, overload");
        }
    }

    /** While another node publishes, this one has no connection. When it takes over, it goes on where the other was. */
    @Test
    void readsOnlyWhileItHasTheLease() throws Exception {
        AtomicBoolean held = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        Leases.Lease lease = new Leases.Lease() {
            @Override
            public boolean isHeld() {
                asked.incrementAndGet();
                return held.get();
            }

            @Override
            public void close() {}
        };
        IntStream.rangeClosed(1, 3).forEach(i -> server.add("data: " + i));
        try (RelayFeed relay = new RelayFeed(hub, settings(), new Reach(lease, false), "1", losses::incrementAndGet)) {
            hub.publish(new Update(List.of("all"), "2", null, settings().idPrefix() + "2", null, false));
            await().atMost(Duration.ofSeconds(20)).until(() -> asked.get() > 1); // since the second time, it has forgotten its place
            assertThat(server.requests()).isZero();
            held.set(true);
            assertThat(server.nextRequest()).containsIgnoringCase("last-event-id: 2\r\n");
            assertThat(awaitData("all", 2)).containsExactly("2", "3");
            held.set(false);
            server.add("data: 4");
            await().atMost(Duration.ofSeconds(20)).until(() -> server.requests() == 0 && !relay.isDown());
        }
    }

    @Test
    void endsAtOnceWhateverItWaitsFor() throws Exception {
        for (IoAction prepare : List.<IoAction>of(() -> {}, () -> server.stop())) {
            prepare.run();
            RelayFeed relay = relay();
            relay.close();
            relay.close();
            assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                    .doesNotContain("the relay of " + server.url());
        }
        assertThat(log.warnings()).noneMatch(line -> line.contains("abandoned"));
    }

    private interface IoAction {
        void run() throws IOException;
    }
}
