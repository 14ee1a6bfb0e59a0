package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Publishing a body that is an event stream. */
class StreamBodyTest {
    private static final int MAX_SIZE = 5_000;

    private final Hub hub = TestHub.create(10_000, 10 << 20);
    private final TestSettings settings = new TestSettings();
    private HubServer server;

    private BodyPublisher publisher(String query) throws IOException {
        return new BodyPublisher(server.port(), query);
    }

    @BeforeEach
    void start() throws IOException {
        settings.maxPublishSize = MAX_SIZE;
        start(settings);
    }

    private void start(TestSettings with) throws IOException {
        server = HubServer.start(with.build(), hub, TestHub.open("open", "run/{id}"), new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    @Test
    void publishesEachEventWhenItIsComplete() throws Exception {
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=run/1");
                BodyPublisher publisher = publisher("topic=run/1&topic=open")) {
            publisher.send("data: one\n\nda");
            assertThat(subscriber.nextFrame()).matches("id: \\d+-\\d+\ndata: one");
            publisher.send(
                    "ta: two\r\n: a comment\r\ndata:  three\r\nid: own/1\r\nevent: token\r\nretry: 1500\r\nunknown: x\r\n\r");
            assertThat(subscriber.nextFrame()).isEqualTo("id: own/1\nevent: token\nretry: 1500\ndata: two\ndata:  three");
            publisher.send("\nid: alone\n\ndata\n\n");
            String frame = subscriber.nextFrame();
            assertThat(frame).as("an id does not count for the next event").matches("id: \\d+-\\d+\ndata: ");
            publisher.send("data: not complete");
            assertThat(publisher.end()).startsWith("HTTP/1.1 200 ").matches("(?s).*\nevents: 4\nlast-id: \\d+-\\d+\n");
            assertThat(subscriber.nextData()).isEqualTo("not complete");
        }
    }

    @Test
    void theEndOfTheBodyCanEndTheTopics() throws Exception {
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=run/1")) {
            try (BodyPublisher broken = publisher("topic=run/1&end")) {
                broken.send("data: 1\n\n");
                assertThat(subscriber.nextData()).isEqualTo("1");
            }
            try (BodyPublisher publisher = publisher("topic=run/1&end")) {
                publisher.send("data: 2\n\n");
                assertThat(subscriber.nextData()).isEqualTo("2");
                assertThat(publisher.end()).contains("events: 2\n");
            }
            assertThat(subscriber.nextFrame()).matches("id: \\d+-\\d+\nevent: end\ndata: ");
            assertThat(subscriber.endsProperly()).isTrue();
        }
    }

    /** The publisher has got no answer, so it sends everything again. */
    @Test
    void aBodyThatIsSentAgainChangesNothing() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (BodyPublisher publisher = publisher("topic=run/1&end")) {
                publisher.send("id: run/1/0\ndata: a\n\n");
                assertThat(publisher.end()).endsWith("\nevents: 2\nlast-id: run/1/0/end\n");
            }
        }
        assertThat(hub.published()).isEqualTo(2);
    }

    @Test
    void anEmptyBodyPublishesNothing() throws Exception {
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send(": only a comment\n\n");
            assertThat(publisher.end()).isEqualTo("HTTP/1.1 200 OK\nevents: 0\n");
        }
    }

    @Test
    void refusesABodyThatIsNoEventStream() throws Exception {
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send("{\"data\": 1}");
            assertThat(publisher.end()).isEqualTo("HTTP/1.1 400 Bad Request\n"
                    + "the body has no event: an event is a line such as data: Hello, and an empty line after it\nevents: 0\n");
        }
    }

    @Test
    void whatCameStaysIfThePublisherBreaksOff() throws Exception {
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=open")) {
            try (BodyPublisher publisher = publisher("topic=open")) {
                publisher.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: lost");
                assertThat(subscriber.nextData()).isEqualTo("a");
                assertThat(subscriber.nextData()).isEqualTo("b");
            }
            try (BodyPublisher again = publisher("topic=open")) {
                again.send("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n");
                assertThat(again.end()).endsWith("\nevents: 3\nlast-id: 3\n");
            }
            assertThat(subscriber.nextFrame()).isEqualTo("id: 3\ndata: c");
        }
    }

    /** A publisher that is cut at random places sends everything again that it has not seen answered. */
    @Test
    void everyEventComesOnceHoweverOftenThePublisherIsCut() throws Exception {
        Random random = new Random(7);
        int events = 300;
        List<String> frames = IntStream.range(0, events)
                .mapToObj(i -> "id: run/" + i + "\ndata: " + "x".repeat(i % 50) + i + "\n" + (i % 3 == 0 ? ":\n" : "") + "\n")
                .toList();
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=open")) {
            int next = 0;
            int received = 0;
            while (received < events) {
                int last = Math.min(events, next + 1 + random.nextInt(40));
                byte[] part = String.join("", frames.subList(next, last)).getBytes(UTF_8);
                int cut = last == events && random.nextBoolean() ? part.length : random.nextInt(part.length + 1);
                String sent = new String(part, 0, cut, UTF_8);
                int complete = (int) Pattern.compile("\n\n").matcher(sent).results().count();
                try (BodyPublisher publisher = publisher("topic=open")) {
                    for (int at = 0; at < cut;) {
                        int end = Math.min(cut, at + 1 + random.nextInt(60));
                        publisher.send(sent.substring(at, end));
                        at = end;
                    }
                    for (; received < next + complete; received++) {
                        assertThat(subscriber.nextFrame()).startsWith("id: run/" + received + "\n");
                    }
                }
                next = Math.max(0, received - random.nextInt(5));
            }
        }
        assertThat(hub.published()).isEqualTo(events);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "topic=open|data: a\\n\\ndata: b\\nevent: gap\\n\\n|400|the type must not be one of the hub's own: gap, expired, overload|1",
            "topic=open|data: a\\n\\ndata: b\\nid: 1795355311271-0\\n\\n|400|the id must not begin with #, be earliest, or look like 1795355311271-0: these ids are reserved for the hub|1",
            "topic=open|data: b\\nretry: soon\\n\\n|400|the field retry must be a number of milliseconds from 0 to 60000|0",
            "topic=other|data: a\\n\\n|401|it takes a token to publish to other; sse-hub.publish.anonymous-topics sets what is open without a token|-1",
            "x=open|data: a\\n\\n|400|the field topic is missing: an event needs at least one topic|-1",
            "topic=open&id=1|data: a\\n\\n|400|the field id belongs to the events of the body, not to the query|-1"})
    void refuses(String query, String body, int status, String sentence, int before) throws Exception {
        try (BodyPublisher publisher = publisher(query)) {
            publisher.send(body.replace("\\n", "\n"));
            String answer = publisher.answer();
            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\n" + sentence + "\n");
            assertThat(answer.contains("events: ")).isEqualTo(before >= 0);
            assertThat(answer).contains(before >= 0 ? "events: " + before : sentence);
        }
        assertThat(hub.published()).isEqualTo(Math.max(0, before));
    }

    @Test
    void limitsTheSizeOfAnEventAndNotThatOfTheBody() throws Exception {
        try (BodyPublisher publisher = publisher("topic=open")) {
            for (int i = 0; i < 50; i++) {
                publisher.send("data: " + "x".repeat(MAX_SIZE - 100) + "\n\n:" + "c".repeat(MAX_SIZE - 100) + "\n");
            }
            publisher.send("data: " + "x".repeat(MAX_SIZE));
            assertThat(publisher.answer()).startsWith("HTTP/1.1 413 ").contains("an event may have up to 5000 bytes",
                    "events: 50\n");
        }
        assertThat(hub.published()).isEqualTo(50);
    }

    /** The publisher cannot read a refusal before its body ends, so it is slowed down. */
    @Test
    void aPublisherThatIsTooFastIsSlowedDown() throws Exception {
        server.close();
        settings.publishesPerAddress = 50;
        start(settings);
        long begin = System.nanoTime();
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send("data: x\n\n".repeat(130));
            assertThat(publisher.end()).contains("events: 130\n");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(500)); // 100 at once, then 50 a second
    }

    /** Otherwise, a slow publisher could keep the memory of an event for ever. */
    @Test
    void anEventMustBeCompleteInTime() throws Exception {
        server.close();
        settings.requestTimeout = Duration.ofMillis(300);
        start(settings);
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send("data: x\n\ndata: y");
            for (int i = 0; i < 100; i++) {
                publisher.send("y");
            }
            assertThat(publisher.closes()).as("long before the idle time-out").isTrue();
        }
        assertThat(hub.published()).isEqualTo(1);
    }

    /** The publisher may not have seen the answer, and sends on. */
    @Test
    void aRefusalClosesTheConnection() throws Exception {
        try (BodyPublisher publisher = publisher("topic=other")) {
            publisher.send("data: x\n\n");
            assertThat(publisher.answer()).startsWith("HTTP/1.1 401 ");
            assertThat(publisher.closes()).isTrue();
        }
    }

    @Test
    void aSilentPublisherIsCutOff() throws Exception {
        server.close();
        settings.publishIdleTimeout = Duration.ofMillis(300);
        start(settings);
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send("data: x\n\n");
            assertThat(publisher.read()).isEqualTo(-1);
        }
        assertThat(hub.published()).isEqualTo(1);
    }

    @Test
    void aHubThatStopsDoesNotWaitForTheEndOfABody() throws Exception {
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send("data: x\n\n");
            await().until(() -> hub.published() == 1);
            hub.close();
            long begin = System.nanoTime();
            server.awaitAnswers(Duration.ofSeconds(20));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
            assertThat(publisher.read()).isEqualTo(-1);
        }
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws Exception {
        try (BodyPublisher publisher = publisher("topic=open")) {
            publisher.send(new byte[]{'d', 'a', 't', 'a', ':', (byte) 0xff, '\n', '\n'});
            assertThat(publisher.answer()).contains("the body is not UTF-8\nevents: 0");
        }
    }
}
