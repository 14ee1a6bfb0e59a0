package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.Keys;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics that publishers have marked as complete, and the streams and clients that want nothing else. */
class EndedTopicsTest {
    private static final String GRANTED = "{\"mercure\":{\"publish\":[\"*\"],\"subscribe\":[\"run/1\"]}}";

    private final HttpClient client = HttpClient.newHttpClient();
    private Hub hub = TestHub.create();
    private HubServer server;

    private void start() throws IOException {
        server = HubServer.start(new TestSettings().build(), hub, TestHub.open("*"), new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        client.close();
    }

    private String publish(String form) throws Exception {
        HttpResponse<String> answer = client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(server.url() + target.replace("{", "%7B").replace("}", "%7D")));
    }

    private SseClient open(String query) throws IOException {
        return SseClient.opened(server.port(), "/sse?" + query);
    }

    /** Returns the frames up to the last one, after which the stream has ended properly. */
    private List<String> readToEnd(String query) throws IOException {
        try (SseClient subscriber = open(query)) {
            return readToEnd(subscriber);
        }
    }

    private static List<String> readToEnd(SseClient subscriber) throws IOException {
        List<String> frames = new ArrayList<>();
        do {
            frames.add(subscriber.nextFrame());
        } while (!frames.getLast().endsWith(": end"));
        assertThat(subscriber.endsProperly()).isTrue();
        return frames;
    }

    private static String data(String frame) {
        return frame.substring(frame.indexOf("data: ") + 6);
    }

    /** Asks with GET and HEAD how the hub answers a client that comes back. The stream, if there is one, is not read. */
    private int statusOf(String query, String lastEventId) throws Exception {
        try (SseClient head = SseClient.plain(server.port(), "/sse?" + query, "Last-Event-ID: " + lastEventId)) {
            String status = head.headers().substring(9, 12);
            HttpResponse<Void> described = client.send(
                    request("/sse?" + query).header("Last-Event-ID", lastEventId).HEAD().build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(described.statusCode()).as("of HEAD").isEqualTo(Integer.parseInt(status));
            return described.statusCode();
        }
    }

    @Test
    void theStreamEndsAfterTheLastEvent() throws Exception {
        start();
        try (SseClient subscriber = open("topic=run/1");
                SseClient template = open("topic=run/{id}");
                SseClient all = open("topic=*&topic=run/1");
                SseClient plain = SseClient.plain(server.port(), "/sse?topic=run/1")) {
            publish("topic=run/1&data=1");
            String id = publish("topic=run/1&data=last&id=urn:last&end");
            assertThat(id).isEqualTo("urn:last");
            assertThat(data(subscriber.nextFrame())).isEqualTo("1");
            assertThat(subscriber.nextFrame()).as("the end is not in the frame").isEqualTo("id: urn:last\ndata: last");
            String end = subscriber.nextFrame();
            assertThat(end).matches("id: \\d+-\\d+\n: end");
            assertThat(subscriber.endsProperly()).isTrue();
            assertThat(plain.endsProperly()).isTrue();
            assertThat(plain.rest()).endsWith("data: last\n\n: end\n");

            String checkpoint = end.substring(4, end.indexOf('\n'));
            assertThat(statusOf("topic=run/1", "urn:last")).isEqualTo(204);
            assertThat(statusOf("topic=run/1", checkpoint)).isEqualTo(204);
            assertThat(statusOf("topic=run/1&topic=run/2", checkpoint)).isEqualTo(200);
            assertThat(statusOf("topic=run/{id}", checkpoint)).isEqualTo(200);
            publish("topic=run/2&data=2");
            for (SseClient open : List.of(template, all)) {
                assertThat(List.of(open.nextData(), open.nextData(), open.nextData())).containsExactly("1", "last", "2");
            }
            await().until(() -> hub.subscribers() == 2); // the hub notices later that the others have gone
        }
    }

    @Test
    void theAnswerThatStopsAnEventSourceHasNoBodyAndIsNotKept() throws Exception {
        start();
        String id = publish("topic=run/1&end=");
        try (SseClient subscriber = new SseClient(server.port(), "/sse?topic=run/1&lastEventID=" + id)) {
            assertThat(subscriber.headers()).startsWith("HTTP/1.1 204 ").contains("Cache-Control: no-cache", "Sse-Hub: 1")
                    .doesNotContain("\r\nTransfer-Encoding", "\r\nContent-Type");
        }
        assertThat(hub.subscribers()).isZero();
    }

    @Test
    void theStreamOfSeveralTopicsEndsWithTheLastOfThem() throws Exception {
        start();
        try (SseClient subscriber = open("topic=run/1&topic=run/2&topic=run/3")) {
            String first = publish("topic=run/1&data=1&end");
            publish("topic=run/2&topic=run/1&data=2");
            publish("topic=run/3&topic=run/2&data=3&end");
            publish("topic=other&data=other&end");
            String id = publish("topic=run/1&data=4&end=false");
            assertThat(readToEnd(subscriber).stream().limit(4).map(EndedTopicsTest::data)).containsExactly("1", "2", "3", "4");
            assertThat(statusOf("topic=run/1&topic=run/2&topic=run/3", id)).isEqualTo(204);
            assertThat(statusOf("topic=run/1&topic=run/2&topic=run/3", first)).isEqualTo(200);
        }
    }

    /** Nothing live can follow, and a stream that began at the end would have nothing to say. */
    @Test
    void whoComesNewGetsThePastAndThenTheEnd() throws Exception {
        start();
        publish("topic=run/1&data=1");
        publish("topic=run/1&data=2");
        String id = publish("topic=run/1&data=3&end");
        String end = "id: " + id + "\n: end";
        for (String query : List.of("topic=run/1", "topic=run/1&lastEventID=earliest", "topic=run/1&last=100")) {
            List<String> frames = readToEnd(query);
            assertThat(frames.stream().limit(3).map(EndedTopicsTest::data)).as(query).containsExactly("1", "2", "3");
            assertThat(frames).as(query).hasSize(4).endsWith(end);
        }
        assertThat(readToEnd("topic=run/1&last=1")).containsExactly("id: " + id + "\ndata: 3", end);
        assertThat(readToEnd("topic=run/1&lastEventID=unknown")).hasSize(5).element(0).asString().contains("event: gap");
        assertThat(readToEnd("topic=run/1&live=false")).as("only the past, as before").containsExactly(": end");
        assertThat(readToEnd("topic=run/1&live=false&lastEventID=" + id)).containsExactly(": end");
    }

    @Test
    void aNewEventOpensTheTopicAgain() throws Exception {
        start();
        String end = publish("topic=run/1&data=1&end");
        assertThat(statusOf("topic=run/1", end)).isEqualTo(204);
        publish("topic=run/1&data=again");
        assertThat(statusOf("topic=run/1", end)).isEqualTo(200);
        try (SseClient resumed = open("topic=run/1&lastEventID=" + end); SseClient fresh = open("topic=run/1")) {
            assertThat(resumed.nextData()).isEqualTo("again");
            publish("topic=run/1&data=live");
            assertThat(resumed.nextData()).isEqualTo("live");
            assertThat(fresh.nextData()).as("only what is new").isEqualTo("live");
        }
    }

    @Test
    void theEndIsForgottenWithThePast() throws Exception {
        start();
        String end = publish("topic=run/1&data=1&end");
        HttpResponse<Void> forgotten = client.send(request("/sse?topic=run/1").DELETE().build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(forgotten.statusCode()).isEqualTo(204);
        assertThat(statusOf("topic=run/1", end)).isEqualTo(200);
        try (SseClient subscriber = open("topic=run/1")) {
            publish("topic=run/1&data=live");
            assertThat(subscriber.nextData()).isEqualTo("live");
        }
    }

    @Test
    void aPrivateEndIsNoneForWhoMayNotSeeIt() throws Exception {
        server = HubServer.start(new TestSettings().build(), hub, Keys.authorizer(Keys.settings(Keys.key(Keys.SECRET)), Keys.NOW)
                .withAnonymous(new Grant(List.of(), List.of(new TopicSelector.Any()), List.of())), new Meters());
        String authorized = "Authorization: Bearer " + Keys.token(GRANTED);
        String other = "Authorization: Bearer " + Keys.token(GRANTED.replace("\"run/1\"", "\"run/2\""));
        HttpResponse<String> answer = client.send(request("/sse").header("Content-Type", "application/json")
                .header("Authorization", authorized.substring(15)).POST(BodyPublishers.ofString("""
                        [{"topic": "run/1", "data": 1}, {"topic": "run/1", "data": "secret", "private": true, "end": true}]"""))
                .build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String end = answer.body().lines().toList().getLast();
        String target = "/sse?topic=run/1&lastEventID=";
        try (SseClient granted = new SseClient(server.port(), target + "earliest", authorized);
                SseClient back = new SseClient(server.port(), target + end, authorized);
                SseClient without = new SseClient(server.port(), target + end, other)) {
            assertThat(List.of(granted.nextData(), granted.nextData())).containsExactly("1", "secret");
            assertThat(granted.nextFrame()).isEqualTo("id: " + end + "\n: end");
            assertThat(back.headers()).startsWith("HTTP/1.1 204 ");
            assertThat(without.headers()).startsWith("HTTP/1.1 200 ");
            hub.publish(new Update("run/1", "public"));
            assertThat(without.nextData()).isEqualTo("public");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"topic\":\"run/1\",\"end\":true}|204", "{\"topic\":\"run/1\",\"end\":false}|200",
            "{\"topic\":\"run/1\",\"end\":null}|200"})
    void endsTopicsWithJson(String json, int status) throws Exception {
        start();
        HttpResponse<String> answer = client.send(request("/sse").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(statusOf("topic=run/1", answer.body())).isEqualTo(status);
    }

    /** Each event is larger than a mailbox and a write, so the streams catch up again and again. */
    @Test
    void aSlowStreamEndsAfterEverything() throws Exception {
        hub.close();
        hub = TestHub.create(10_000, 1 << 24);
        start();
        try (SseClient slow = SseClient.withSmallWindow(server.port(), "/sse?topic=run/1")) {
            assertThat(slow.nextFrame()).startsWith("retry: ");
            String data = "x".repeat(20_000);
            for (int i = 0; i < 200; i++) {
                publish("topic=run/1&data=" + data + "&id=urn:" + i + (i == 199 ? "&end" : ""));
            }
            List<String> frames = readToEnd(slow);
            assertThat(frames).hasSize(201);
            assertThat(frames.get(199)).startsWith("id: urn:199\n");
        }
    }

    @Test
    void anEndSurvivesARestart(@TempDir Path folder) throws Exception {
        hub.close();
        hub = withFile(folder);
        start();
        publish("topic=run/1&data=1");
        String end = publish("topic=run/1&data=2&end");
        publish("topic=run/2&data=goes+on");
        for (int run = 0; run < 2; run++) {
            hub.close();
            server.close();
            hub = withFile(folder);
            start();
            assertThat(statusOf("topic=run/1", end)).isEqualTo(204);
            assertThat(statusOf("topic=run/1&topic=run/2", end)).isEqualTo(200);
            assertThat(readToEnd("topic=run/1").stream().limit(2).map(EndedTopicsTest::data)).containsExactly("1", "2");
        }
        publish("topic=run/1&data=again");
        hub.close();
        server.close();
        hub = withFile(folder);
        start();
        assertThat(statusOf("topic=run/1", end)).as("opened before the restart").isEqualTo(200);
    }

    private static Hub withFile(Path folder) throws IOException {
        Duration never = Duration.ofMinutes(10);
        Limits limits = new Limits(100, Duration.ofHours(1), 1 << 20);
        return new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20), limits),
                FileHistory.open(folder.resolve("hub.db"), Sync.OS, limits, new NoMetrics(), InstantSource.system()),
                new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system());
    }

    @ParameterizedTest
    @ValueSource(strings = {"End=1", "END"})
    void refusesWhatLooksLikeAnEnd(String field) throws Exception {
        start();
        HttpResponse<String> answer = client.send(request("/sse").header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("topic=run/1&" + field)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("did you mean end?");
    }
}
