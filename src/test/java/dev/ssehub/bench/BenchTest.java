package dev.ssehub.bench;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.ssehub.bench.load.ConnectionTally;
import dev.ssehub.bench.load.LoadSettings;
import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.Target;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Measures servers that make mistakes. The result must contain each mistake exactly. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BenchTest {
    private static final String BODY = "{data}";

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).noneMatch(name -> name.startsWith("bench-"));
    }

    /** Publishes 20 events within 200 ms to four subscribers. */
    private static BenchResult run(ScriptedServer server) throws Exception {
        return run(server, 4, 0, 1, "/sse", "/publish");
    }

    private static BenchResult run(ScriptedServer server, int subscribers, int slow, int topics, String path, String publishPath)
            throws Exception {
        return run(new LoadSettings(Target.of(server.url(path), false), subscribers, slow, topics, 2, 2,
                Map.of("authorization", "Bearer x"), Duration.ofMillis(200),
                new LoadSettings.Publishing(Target.of(server.url(publishPath), false), 100, 80, BODY, "text/plain"), null));
    }

    private static BenchResult run(LoadSettings settings) throws Exception {
        try (ProgressLine progress = new ProgressLine(new PrintWriter(new StringWriter()), false)) {
            return Bench.run(settings, progress);
        }
    }

    private static String event(String data) {
        return "data: " + data + "\n\n";
    }

    @Test
    void aCorrectServerHasACleanResult() throws Exception {
        List<String> published = new ArrayList<>();
        try (ScriptedServer server = new ScriptedServer((hub, _, _, data) -> {
            published.add(data);
            hub.sendToAll(": a comment\n\nid: 1\n\n" + event(data));
            return ScriptedServer.OK;
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(server);

            assertThat(result.events()).isEqualTo(new Publisher.Result(20, 20, 0, null, 0));
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(80, 80, 0, 0, 0, 0));
            assertThat(result.deliveries().lost()).isZero();
            assertThat(result.isClean()).isTrue();
            assertThat(result.latency().getTotalCount()).isEqualTo(80);
            assertThat(published).allSatisfy(data -> assertThat(data).hasSize(80).matches("B:[0-9a-f]{8}:\\d+:\\d+:x+"));
            assertThat(result.bytes()).isEqualTo(80 * (80 + ": a comment\n\nid: 1\n\ndata: \n\n".length()));
            assertThat(server.heads()).filteredOn(head -> head.startsWith("GET")).hasSize(4)
                    .allMatch(head -> head.contains("\nAccept: text/event-stream\n")
                            && head.contains("\nauthorization: Bearer x\n"));
            assertThat(server.heads()).filteredOn(head -> head.startsWith("POST /publish HTTP/1.1\n")).hasSize(20)
                    .allMatch(head -> head.contains("\nContent-Type: text/plain\n")
                            && head.contains("\nauthorization: Bearer x\n"));
        }
    }

    /** One event reaches only one of four subscribers, some are late or repeated, and one stream arrives byte by byte. */
    @Test
    void countsLostRepeatedAndLateDeliveries() throws Exception {
        List<String> held = new ArrayList<>();
        try (ScriptedServer server = new ScriptedServer((hub, number, _, data) -> {
            switch (number) {
                case 3 -> hub.streams().getFirst().send(event(data));
                case 5 -> held.add(data);
                case 8 -> hub.sendToAll(event(data) + event(held.getFirst()));
                case 10 -> hub.sendToAll(event(data) + event(data));
                case 11 -> hub.sendToAll(event(held.getFirst()) + event(data));
                case 12 -> hub.sendToAll(event("B:00000000:12:12:") + event("something else") + event(data));
                default -> {
                    for (char each : event(data).toCharArray()) {
                        hub.streams().getLast().send(String.valueOf(each));
                    }
                    for (ScriptedServer.Stream stream : hub.streams().subList(0, 3)) {
                        stream.send(event(data));
                    }
                }
            }
            return ScriptedServer.OK;
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(server);

            assertThat(result.events()).isEqualTo(new Publisher.Result(20, 20, 0, null, 0));
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(80, 77, 8, 4, 0, 8));
            assertThat(result.deliveries().lost()).isEqualTo(3);
            assertThat(result.isClean()).isFalse();
            assertThat(result.latency().getTotalCount()).isEqualTo(77);
            assertThat(ResultTable.of(result)).map(line -> line.replaceAll(" +", " ")).contains("deliveries lost 3",
                    "deliveries repeated 8",
                    "out of order 4", "other events 8");
        }
    }

    /** Deliveries of refused events are not expected. If they arrive nevertheless, the result says so. */
    @Test
    void refusedEventsAreNotExpected() throws Exception {
        try (ScriptedServer server = new ScriptedServer((hub, number, _, data) -> {
            if (number != 4) {
                hub.sendToAll(event(data));
            }
            return switch (number) {
                case 4, 5 -> "HTTP/1.1 500 Oops\r\nContent-Length: 12\r\n\r\nno more room";
                case 6 -> "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
                default -> "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
            };
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(server);

            assertThat(result.events()).isEqualTo(new Publisher.Result(20, 17, 3, "answered 500 no more room", 0));
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(68, 68, 0, 0, 8, 0));
            assertThat(result.isClean()).isFalse();
            assertThat(ResultTable.of(result)).map(line -> line.replaceAll(" +", " "))
                    .contains("events refused 3 the first: answered 500 no more room");
        }
    }

    @Test
    void reopensAClosedPublishingConnection() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer((hub, number, _, data) -> {
            if (number == 4) {
                return "";
            }
            hub.sendToAll(event(data));
            answered.incrementAndGet();
            return number == 7 ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" : ScriptedServer.OK;
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(server);

            // usually 19 of 20; a publisher that is late has more requests in flight when a connection ends
            int acknowledged = answered.get();
            assertThat(acknowledged).isBetween(10, 19);
            assertThat(result.events()).isEqualTo(new Publisher.Result(20, acknowledged, 20 - acknowledged,
                    "no answer: the connection was closed", 0));
            assertThat(result.deliveries())
                    .isEqualTo(new BenchResult.Deliveries(4 * acknowledged, 4 * acknowledged, 0, 0, 0, 0));
        }
    }

    /** One is refused, one receives HTML, one stream ends after a while, and one connection is closed. */
    @Test
    void countsSubscribersThatFailOrEndEarly() throws Exception {
        try (ScriptedServer server = new ScriptedServer((hub, number, _, data) -> {
            if (number == 10) {
                hub.streams().get(2).send("0\r\n\r\n");
                hub.streams().get(3).socket().close();
            }
            if (number < 10) {
                hub.streams().get(2).send(Integer.toHexString(event(data).length()) + "\r\n" + event(data) + "\r\n");
                hub.streams().get(3).send(event(data));
            }
            return ScriptedServer.OK;
        }, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
                ScriptedServer.STREAM)) {
            LoadSettings settings = new LoadSettings(Target.of(server.url("/sse"), false), 4, 0, 1, 1, 1, Map.of(),
                    Duration.ofMillis(200),
                    new LoadSettings.Publishing(Target.of(server.url("/"), false), 100, 80, BODY, "text/plain"), null);
            BenchResult result = run(settings);

            assertThat(result.subscribers()).usingRecursiveComparison().ignoringFields("seconds", "firstEnd")
                    .isEqualTo(new ConnectionTally.Result(4, 2, 2, "answered 503 Service Unavailable", 2, null, 0));
            assertThat(result.subscribers().firstEnd()).isIn("the server has ended the stream",
                    "the server has closed the connection");
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(40, 20, 0, 0, 0, 0));
            assertThat(result.isClean()).isFalse();
        }
    }

    @Test
    void spreadsEventsAndSubscribersOverTopics() throws Exception {
        try (ScriptedServer server = new ScriptedServer((hub, number, path, data) -> {
            for (ScriptedServer.Stream stream : hub.streams()) {
                if (stream.request().substring("/sse/".length()).equals(path.substring("/publish/".length())) || number == 19) {
                    stream.send(event(data));
                }
            }
            return ScriptedServer.OK;
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(server, 5, 1, 3, "/sse/{topic}", "/publish/{topic}");

            // 7, 7 and 6 events; 2, 2 and 1 subscribers, of which the first does not read; the last event reaches all
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(7 + 7 * 2 + 6, 27, 0, 0, 2, 0));
        }
    }

    /** The server takes half a second for its first answer, and at most 1,000 requests may be unanswered. */
    @Test
    void eventsThatCannotBeSentInTimeAreLateOrHeldBack() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((hub, number, _, data) -> {
            if (number == 0) {
                assertThat(never.await(500, TimeUnit.MILLISECONDS)).isFalse();
            }
            hub.sendToAll(event(data));
            return ScriptedServer.OK;
        }, ScriptedServer.STREAM)) {
            BenchResult result = run(new LoadSettings(Target.of(server.url("/sse"), false), 1, 0, 1, 1, 1, Map.of(),
                    Duration.ofMillis(200),
                    new LoadSettings.Publishing(Target.of(server.url("/"), false), 10_000, 80, BODY, "text/plain"), null));

            assertThat(result.events()).isEqualTo(new Publisher.Result(1000, 1000, 0, null, 1000));
            assertThat(result.deliveries()).isEqualTo(new BenchResult.Deliveries(1000, 1000, 0, 0, 0, 0));
            // the last of them was due after 100 ms
            assertThat(Duration.ofNanos(result.latency().getMinValue())).isGreaterThan(Duration.ofMillis(350));
            assertThat(result.isClean()).as("half of the events were held back").isFalse();
        }
    }

    @Test
    void countsTheEventsOfTheStreamIfItDoesNotPublish() throws Exception {
        try (ScriptedServer server = new ScriptedServer((_, _, _, _) -> "", ScriptedServer.STREAM + event("too early"))) {
            LoadSettings settings = new LoadSettings(Target.of(server.url("/sse"), false), 3, 0, 1, 2, 2, Map.of(),
                    Duration.ofMillis(500), null, null);
            AtomicInteger sent = new AtomicInteger();
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Thread.sleep(5); // the pace of a server with events of its own; the test does not wait for this thread
                        sent.incrementAndGet();
                        server.sendToAll(event("x"));
                    }
                } catch (IOException | InterruptedException e) {
                    // the test has ended the run
                }
            });
            BenchResult result = run(settings);
            sender.interrupt();
            sender.join();

            assertThat(result.events()).isNull();
            assertThat(result.deliveries().received()).isBetween(3L, 3L * sent.get());
            assertThat(result.perSecond()).isCloseTo(result.deliveries().received() / 0.5, withinPercentage(20));
            assertThat(result.isClean()).isTrue();
            assertThat(result.json().keysAsStrings()).containsExactlyInAnyOrder("url", "clean", "seconds", "subscribers",
                    "deliveries", "bytes");
        }
    }

    @Test
    void failsIfNoSubscriberReceivesAStream() throws Exception {
        String url;
        try (ScriptedServer server = new ScriptedServer((_, _, _, _) -> "",
                "HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\nnothing here")) {
            url = server.url("/sse");
            LoadSettings settings = new LoadSettings(Target.of(url, false), 3, 0, 1, 2, 2, Map.of(), Duration.ofMillis(500),
                    null, null);
            assertThatThrownBy(() -> run(settings)).isInstanceOf(IOException.class)
                    .hasMessage("no subscriber gets a stream from " + url + ": answered 404 nothing here");
        }
        LoadSettings settings = new LoadSettings(Target.of(url, false), 3, 0, 1, 2, 2, Map.of(), Duration.ofMillis(500), null,
                null);
        assertThatThrownBy(() -> run(settings)).isInstanceOf(IOException.class)
                .hasMessage("cannot connect to " + url + ": Connection refused");
    }
}
