package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Publishing several events with one request. */
class BatchTest {
    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";

    private final HttpClient client = HttpClient.newHttpClient();
    private final Hub hub = TestHub.create(10_000, 10 << 20);
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        TestSettings settings = new TestSettings();
        settings.publishesPerAddress = 50;
        server = HubServer.start(settings.build(), hub, TestHub.open("open", "run/{id}"), new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        client.close();
    }

    private HttpResponse<String> post(String type, String body) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(server.url() + "/sse")).header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void answersWithTheIdsAndReachesTheSubscribersInOrder() throws Exception {
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=open&topic=run/1")) {
            HttpResponse<String> answer = post(JSON + "; charset=utf-8",
                    "[{\"topic\":\"open\",\"data\":1},{\"topic\":\"run/1\",\"id\":\"own\",\"data\":{\"a\": 1.0}},{\"topic\":\"open\"}]");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
            assertThat(answer.body()).matches("\\d+-\\d+\nown\n\\d+-\\d+");
            String[] ids = answer.body().split("\n");
            assertThat(subscriber.nextFrame()).isEqualTo("id: " + ids[0] + "\ndata: 1");
            assertThat(subscriber.nextFrame()).isEqualTo("id: own\ndata: {\"a\":1.0}");
            assertThat(subscriber.nextFrame()).isEqualTo("id: " + ids[2] + "\ndata: ");
            assertThat(post(LINES, "{\"topic\":\"open\",\"data\":\"x\"}\n{\"topic\":\"run/1\",\"id\":\"own\"}\n").body())
                    .matches("\\d+-\\d+\nown");
            assertThat(subscriber.nextFrame()).endsWith("data: x");
            assertThat(post(JSON, "{\"topic\":\"open\",\"data\":\"alone\"}").body()).matches("\\d+-\\d+");
            assertThat(subscriber.nextData()).as("the repetition is left out").isEqualTo("alone");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            LINES + "|{\"topic\":\"open\"}\\n{\"topic\":\"open\"}\\n{\"topic\":\"open\",\"type\":\"gap\"}|400|event 3 of 3: the type must not be one of the hub's own: gap, expired, overload",
            LINES + "|{\"topic\":\"open\"}\\n{\"topic\":|400|the body cannot be read at line 2, column 10: it ends too early",
            LINES + "|{\"topic\":\"open\"}{\"topic\":\"open\"}|400|the body cannot be read at line 1, column 17: something follows the event, although each line has only one (curl -d removes line breaks, and --data-binary keeps them)",
            JSON + "|[{\"topic\":\"open\"},{\"topic\":\"other\"}]|401|event 2 of 2: it takes a token to publish to other; sse-hub.publish.anonymous-topics sets what is open without a token",
            JSON + "|[{\"topic\":\"open\"},{\"topic\":\"/.well-known/mercure/x\"}]|403|event 2 of 2: /.well-known/mercure and all topics below it belong to the hub, however they are written: only the hub publishes to them",
            JSON + "; charset=latin1|[]|415|the Content-Type must be application/x-www-form-urlencoded, application/json, application/x-ndjson or text/event-stream, in UTF-8, not application/json; charset=latin1",
            "text/plain|x|415|the Content-Type must be application/x-www-form-urlencoded, application/json, application/x-ndjson or text/event-stream, in UTF-8, not text/plain"})
    void aRefusedBatchLeavesNothing(String type, String body, int status, String sentence) throws Exception {
        HttpResponse<String> answer = post(type, body.replace("\\n", "\n"));
        assertThat(answer.body()).isEqualTo(sentence + "\n");
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(hub.published()).isZero();
    }

    /** 100 at once after a pause, and 50 a second. */
    @Test
    void ratesCountEvents() throws Exception {
        String event = "{\"topic\":\"open\"}\n";
        HttpResponse<String> never = post(LINES, event.repeat(101));
        assertThat(never.statusCode()).isEqualTo(413);
        assertThat(never.body()).isEqualTo(
                "without a token, an address may publish 50 events per second, and twice as many after a pause; this request has 101\n");
        assertThat(post(LINES, event.repeat(90)).statusCode()).isEqualTo(200);
        HttpResponse<String> later = post(LINES, event.repeat(90));
        assertThat(later.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(later.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 2);
        assertThat(hub.published()).isEqualTo(90);
    }

    @Test
    void limitsTheEventsOfARequest() throws Exception {
        HttpResponse<String> answer = post(LINES, "{\"topic\":\"open\"}\n".repeat(1_001));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("a request may have up to 1000 events, this one has more\n");
    }
}
