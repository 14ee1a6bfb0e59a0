package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.feed.AnswersFeed;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asking for answers over HTTP, and the requests that are refused. */
class AnswersTest {
    private static final String PATH = "/static/answers";

    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create();
    private final AnswersFeed feed = new AnswersFeed(hub, "answers", Duration.ofDays(1), InstantSource.system());
    private final HttpClient client = HttpClient.newHttpClient();
    private HubServer server;

    private void start() throws IOException {
        server = TestHub.serve(hub, settings);
        server.onQuestion(() -> Optional.of(feed));
    }

    @AfterEach
    void stop() {
        client.close();
        feed.close();
        hub.close();
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private void assertRefused(HttpResponse<String> response, int status, String sentence) {
        assertThat(response.body()).startsWith(sentence).endsWith("\n");
        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void anAnswerBeginsGoesOnAndIsStopped() throws Exception {
        start();
        HttpResponse<String> asked = send("POST", PATH);
        assertThat(asked.statusCode()).isEqualTo(201);
        assertThat(asked.headers().firstValue("Content-Type")).hasValue("text/plain; charset=UTF-8");
        String run = asked.headers().firstValue("Location").orElseThrow();
        assertThat(asked.body()).isEqualTo("answers/" + run.substring(PATH.length() + 1));
        assertThat(send("PUT", run).statusCode()).isEqualTo(204);
        HttpResponse<String> stopped = send("DELETE", run);
        assertThat(stopped.statusCode()).isEqualTo(204);
        assertThat(send("GET", "/sse?lastEventID=earliest&topic=" + asked.body()).body()).contains("event: end\ndata: stopped\n");
    }

    @Test
    void refusesOtherMethodsAndNames() throws Exception {
        start();
        HttpResponse<String> read = send("GET", PATH);
        assertRefused(read, 405, "GET is not allowed here, only POST to ask");
        assertThat(read.headers().firstValue("Allow")).hasValue("POST");
        HttpResponse<String> posted = send("POST", PATH + "/mhx5k2c0-abcd");
        assertRefused(posted, 405, "POST is not allowed here, only PUT to go on, and DELETE to stop");
        assertThat(posted.headers().firstValue("Allow")).hasValue("PUT, DELETE");
        for (String method : List.of("PUT", "DELETE")) {
            assertRefused(send(method, PATH + "/%7Bid%7D"), 400,
                    "the hub names each answer, such as mhx5k2c0-w4rm2z9q; this is no");
            assertRefused(send(method, PATH + "/zzzzzzzz-abcd"), 400, "this answer has not begun: its name says 2059-05-");
        }
    }

    @Test
    void refusesMoreThanSixteenAtATime() throws Exception {
        start();
        for (int i = 0; i < 16; i++) {
            assertThat(send("POST", PATH).statusCode()).isEqualTo(201);
        }
        HttpResponse<String> refused = send("POST", PATH);
        assertRefused(refused, 503, "the hub writes up to 16 answers at a time");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void refusesPagesOfOtherOrigins() throws Exception {
        settings.allowedOrigins = Set.of("https://friend.example");
        start();
        assertRefused(send("POST", PATH, "Origin", "https://foe.example"), 403,
                "pages of the origin https://foe.example may not");
        assertThat(send("POST", PATH, "Origin", "https://friend.example").statusCode()).isEqualTo(201);
        assertRefused(send("OPTIONS", PATH + "/mhx5k2c0-abcd", "Origin", "https://foe.example", "Access-Control-Request-Method",
                "DELETE"), 403, "pages of the origin https://foe.example may not");
    }

    @Test
    void whoMayNotSubscribeMayNotAsk() throws Exception {
        server = HubServer.start(settings.build(), hub, new AnonymousAuthorizer(
                new Grant(List.of(), List.of(), List.of())), new Meters());
        assertRefused(send("POST", PATH), 503, "the hub is starting");
        server.onQuestion(() -> Optional.of(feed));
        assertRefused(send("POST", PATH), 401, "it takes a token to subscribe to answers/");
        server.onQuestion(Optional::empty);
        assertRefused(send("POST", PATH), 404, "this hub writes no answers: sse-hub.feeds.answers.enabled is false");
    }

    @Test
    void aHubWithoutItsPageWritesNoAnswers() throws Exception {
        settings.page = false;
        start();
        assertRefused(send("POST", PATH), 404, "there is nothing here");
    }
}
