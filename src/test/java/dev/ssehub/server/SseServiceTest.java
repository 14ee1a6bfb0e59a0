package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.Tracing;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub over HTTP, as a client sees it. */
@ServerTest
class SseServiceTest {
    private static final Hub HUB = TestHub.create();

    private final int port;

    SseServiceTest(WebServer server) {
        port = server.port();
    }

    @SetUpServer
    static void server(WebServerConfig.Builder server) {
        TestSettings settings = new TestSettings();
        settings.defaultTopics = List.of(TopicSelector.parse("time"));
        settings.retry = Duration.ofMillis(2_500);
        settings.maxPublishSize = 1_000;
        settings.maxPendingSize = 10_000;
        Connections connections = new Connections(settings.build().limits(), new ProcessLimits(1_000, 1L << 40, 16_384),
                new NoMetrics());
        Served served = new Served(settings.build(), HUB, Cluster.alone(), TestHub.open("open", "/books/{id}"), new Meters(),
                Tracing.NONE,
                new Health(Optional::empty), System::nanoTime);
        HubServer.configure(server, served, new Listener(WebServer.DEFAULT_SOCKET_NAME, connections, System::nanoTime),
                Optional.empty())
                // as short as possible, so that streams must outlive them
                .idleConnectionTimeout(Duration.ofMillis(20)).idleConnectionPeriod(Duration.ofMillis(20));
    }

    @AfterAll
    static void close() {
        HUB.close();
    }

    @Test
    void sendsTheFirstBytesAtOnceAndEachEventWhenItIsPublished() throws IOException {
        try (SseClient client = new SseClient(port, "/sse")) {
            assertThat(client.headers()).startsWith("HTTP/1.1 200 OK\r\n").contains("\r\nContent-Type: text/event-stream\r\n")
                    .contains("\r\nCache-Control: no-cache, no-store, no-transform\r\n").contains("\r\nX-Accel-Buffering: no\r\n")
                    .doesNotContain("Content-Length");
            assertThat(client.nextFrame()).matches("retry: 2500\nid: \\d+-\\d+\n: sse-hub");

            String id = HUB.publish(new Update("time", "Server time: now"));
            assertThat(client.nextFrame()).isEqualTo("id: " + id + "\ndata: Server time: now");
            HUB.publish(new Update(List.of("time"), " ä\n\n\uD83D\uDE00", "greeting", null, null, false));
            assertThat(client.nextFrame()).endsWith("\nevent: greeting\ndata:  ä\ndata: \ndata: \uD83D\uDE00");
        }
    }

    /** Many libraries dispatch an event for every block, also for one without data. */
    @Test
    void sendsBlocksWithoutDataOnlyToClientsThatUnderstandThem() throws IOException {
        String[] browser = {"Accept: text/event-stream", "Cache-Control: no-cache", "Pragma: no-cache", "Sec-Fetch-Mode: cors",
                "Sec-Fetch-Dest: empty"};
        for (int missing = 0; missing < browser.length; missing++) {
            List<String> headers = new ArrayList<>(List.of(browser));
            headers.remove(missing);
            try (SseClient client = SseClient.plain(port, "/sse?topic=quiet", headers.toArray(String[]::new))) {
                String id = HUB.publish(new Update("quiet", "1"));
                assertThat(client.nextFrame()).matches("retry: 2500\nid: \\d+-\\d+\n: sse-hub\nid: " + id + "\ndata: 1");
            }
        }
        String past = "/sse?topic=quiet&lastEventID=earliest&live=false";
        try (SseClient client = SseClient.plain(port, past)) {
            assertThat(client.nextFrame()).startsWith("retry: 2500\nid: ").endsWith("\ndata: 1");
            assertThat(client.endsProperly()).isTrue();
            assertThat(client.rest()).endsWith("\n\n: end\n");
        }
        String[] onPlainHttp = {browser[0], browser[1], browser[2], "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"};
        for (String[] headers : List.of(browser, onPlainHttp)) {
            try (SseClient client = SseClient.plain(port, "/sse?topic=quiet", headers)) {
                assertThat(client.nextFrame()).matches("retry: 2500\nid: \\d+-\\d+\n: sse-hub");
            }
        }
        try (SseClient client = SseClient.plain(port, past + "&checkpoints=true")) {
            assertThat(client.nextFrame()).matches("retry: 2500\nid: \\d+-\\d+\n: sse-hub");
            assertThat(client.endsProperly()).isTrue();
            assertThat(client.rest()).endsWith("\n\n: end\n\n");
        }
        try (SseClient client = SseClient.plain(port, past + "&checkpoints=false", browser)) {
            assertThat(client.nextFrame()).endsWith("\ndata: 1");
        }
    }

    /** The polyfills of EventSource name the last event in their own ways when they reconnect. */
    @ParameterizedTest
    @ValueSource(strings = {"lastEventId", "Last-Event-ID", "last-event-id", "last_event_id", "evs_last_event_id", "lastEventID"})
    void takesTheNamesThatPolyfillsGiveToTheLastEvent(String name) throws IOException {
        String id = HUB.publish(new Update("polyfill", "1"));
        HUB.publish(new Update("polyfill", "2"));
        try (SseClient client = new SseClient(port, "/sse?topic=polyfill&lastEventID=earliest&" + name + "=" + id)) {
            assertThat(client.nextData()).isEqualTo("2");
        }
    }

    @Test
    void ignoresParametersThatItDoesNotKnow() throws IOException {
        try (SseClient client = new SseClient(port,
                "/sse?topic[]=odd&topic[1]=odder&_=1795355311271&stream=x&match=a&other[a]=b")) {
            client.nextFrame();
            HUB.publish(new Update("odd", "1"));
            HUB.publish(new Update("odder", "2"));
            assertThat(List.of(client.nextData(), client.nextData())).containsExactly("1", "2");
        }
    }

    /** A client that knows the time does not send a request at the moment when the hub closes the connection. */
    @Test
    void saysHowLongAConnectionStaysOpen() throws Exception {
        for (String target : List.of("/static/page.js", "/sse?topic=", "/none", "/observe/health")) {
            assertThat(send("GET", target).headers().firstValue("Keep-Alive")).as(target).hasValue("timeout=600");
        }
        try (SseClient client = new SseClient(port, "/none", "Connection: close")) {
            assertThat(client.headers()).contains("\r\nConnection: close\r\n").doesNotContain("Keep-Alive");
        }
        try (SseClient client = new SseClient(port, "/sse")) {
            assertThat(client.headers()).contains("\r\nConnection: close\r\n").doesNotContain("Keep-Alive");
        }
    }

    @Test
    void keepsAStreamLongerThanTheIdleTimeout() throws IOException {
        try (SseClient client = new SseClient(port, "/sse?topic=idle")) {
            client.nextFrame();
            long start = System.nanoTime();
            await().until(() -> System.nanoTime() - start > Duration.ofMillis(500).toNanos());
            HUB.publish(new Update("idle", "still here"));
            assertThat(client.nextData()).isEqualTo("still here");
        }
    }

    @Test
    void sendsEachClientItsTopics() throws IOException {
        try (SseClient one = new SseClient(port, "/sse?topic=a");
                SseClient two = new SseClient(port, "/sse?topic=a&topic=b%2Fc+d");
                SseClient all = new SseClient(port, "/sse?topic=*")) {
            for (SseClient client : List.of(one, two, all)) {
                client.nextFrame();
            }
            HUB.publish(new Update("a", "1"));
            HUB.publish(new Update("b/c d", "2"));
            HUB.publish(new Update("z", "3"));
            HUB.publish(new Update("a", "4"));

            assertThat(List.of(one.nextData(), one.nextData())).containsExactly("1", "4");
            assertThat(List.of(two.nextData(), two.nextData(), two.nextData())).containsExactly("1", "2", "4");
            assertThat(List.of(all.nextData(), all.nextData(), all.nextData(), all.nextData())).containsExactly("1", "2", "3",
                    "4");
        }
    }

    @Test
    void replaysMissedEventsToAClientThatReconnects() throws IOException {
        String id;
        try (SseClient client = new SseClient(port, "/sse?topic=resume")) {
            id = HUB.publish(new Update("resume", "1"));
            assertThat(client.nextData()).isEqualTo("1");
        }
        HUB.publish(new Update("resume", "2"));
        try (SseClient client = new SseClient(port, "/sse?topic=resume", "Last-Event-ID: " + id)) {
            assertThat(client.nextData()).isEqualTo("2");
            HUB.publish(new Update("resume", "3"));
            assertThat(client.nextData()).isEqualTo("3");
        }
        try (SseClient client = new SseClient(port, "/sse?topic=resume&lastEventID=" + id)) {
            assertThat(client.nextData()).isEqualTo("2");
        }
        try (SseClient client = new SseClient(port, "/sse?topic=resume&lastEventID=" + id, "Last-Event-ID: 1-1")) {
            client.nextFrame();
            assertThat(client.nextFrame()).matches("id: \\S+\nevent: gap\ndata: \\{\"requested\":\"1-1\",.*");
            assertThat(List.of(client.nextData(), client.nextData(), client.nextData())).containsExactly("1", "2", "3");
        }
    }

    @Test
    void endsAStreamThatAsksOnlyForPastEvents() throws IOException {
        String id = HUB.publish(new Update("held", "1"));
        HUB.publish(new Update("held", "2"));
        try (SseClient client = new SseClient(port, "/sse?topic=held&live=false&explain=true&lastEventID=" + id)) {
            assertThat(client.headers()).contains("\r\nHeartbeat-Interval: 600\r\n", "\r\nConnection: close\r\n");
            client.nextFrame();
            assertThat(client.nextFrame()).matches("at: (\\S+)\ntopic: held\nselector: held\nid: \\1\ndata: 2");
            assertThat(client.nextFrame()).isEqualTo(": end");
            assertThat(client.endsProperly()).isTrue();
        }
    }

    @Test
    void startsWithTheNewestEvents() throws IOException {
        IntStream.range(0, 4).forEach(i -> HUB.publish(new Update("newest", "" + i)));
        HUB.publish(new Update("newest/other", "x"));
        try (SseClient client = new SseClient(port, "/sse?topic=newest&last=2")) {
            assertThat(List.of(client.nextData(), client.nextData())).containsExactly("2", "3");
            HUB.publish(new Update("newest", "4"));
            assertThat(client.nextData()).isEqualTo("4");
        }
        try (SseClient client = SseClient.plain(port, "/sse?topic=newest&topic=newest/other&last=3&live=false")) {
            assertThat(client.endsProperly()).isTrue();
            assertThat(client.rest()).containsSubsequence("data: 3\n\n", "data: x\n\n", "data: 4\n\n: end\n")
                    .doesNotContain("data: 2", "event: gap");
        }
        try (SseClient client = SseClient.plain(port, "/sse?topic=newest&last=10000&live=false")) {
            assertThat(client.endsProperly()).isTrue();
            assertThat(client.rest()).containsSubsequence("data: 0", "data: 4").doesNotContain("event: gap");
        }
    }

    /** An EventSource reconnects with the same query. */
    @Test
    void resumesAfterTheLastEventWhateverTheNumberOfNewestEvents() throws IOException {
        List<String> ids = IntStream.range(0, 4).mapToObj(i -> HUB.publish(new Update("renewed", "" + i))).toList();
        try (SseClient client = new SseClient(port, "/sse?topic=renewed&last=1", "Last-Event-ID: " + ids.get(1))) {
            assertThat(List.of(client.nextData(), client.nextData())).containsExactly("2", "3");
        }
        for (String name : List.of("lastEventID", "evs_last_event_id")) {
            try (SseClient client = new SseClient(port, "/sse?topic=renewed&last=1&" + name + "=" + ids.get(1))) {
                assertThat(client.nextData()).isEqualTo("2");
            }
        }
    }

    /** A client would read an unexpected body as the answer to its next request. */
    @Test
    void answersHeadWithoutABody() throws IOException {
        for (String path : List.of("/static/page.json", "/static/index.html", "/sse", "/sse?last=5", "/sse?last=0", "/sse?topic=",
                "/", "/favicon.ico",
                "/.well-known/mercure/subscriptions", ObserveRoutes.LIVE)) {
            try (Socket socket = new Socket("localhost", port)) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        + "GET /sse?topic= HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(UTF_8));
                String answers = new String(socket.getInputStream().readAllBytes(), UTF_8);
                assertThat(answers.split("HTTP/1.1 ", -1)).as(answers).hasSize(3);
                assertThat(answers.substring(answers.indexOf("\r\n\r\n") + 4)).as(path).startsWith("HTTP/1.1 400 ")
                        .endsWith("the topic must not be empty\n");
            }
        }
    }

    @Test
    void ignoresWhatAClientSendsAfterItsRequest() throws IOException {
        try (SseClient client = new SseClient(port, "/sse?topic=talkative", "Content-Length: 5", "",
                "hello" + "x".repeat(10_000))) {
            client.nextFrame();
            HUB.publish(new Update("talkative", "1"));
            assertThat(client.nextData()).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @CsvSource({"GET, /sse?topic=, 400, the topic must not be empty",
            "GET, /sse?topic=a&topic=, 400, the topic must not be empty",
            "GET, /sse?topic=%C3, 400, the field topic is not UTF-8",
            "GET, /sse?topic=a&live=no, 400, 'the field live must be true or false, not ''no'''",
            "GET, /sse?topic=a&checkpoints=1, 400, 'the field checkpoints must be true or false, not ''1'''",
            "GET, /sse?topic=a&last=0, 400, 'the field last must be a number of events from 1 to 10000, not ''0'''",
            "GET, /sse?topic=a&last=10001, 400, 'the field last must be a number of events from 1 to 10000, not ''10001'''",
            "GET, /sse?topic=a&last=-1, 400, 'the field last must be a number of events from 1 to 10000, not ''-1'''",
            "GET, /sse?topic=a&last=ten, 400, 'the field last must be a number of events from 1 to 10000, not ''ten'''",
            "GET, /sse?topic=a&last=99999999999, 400, 'the field last must be a number of events from 1 to 10000, not ''99999999999'''",
            "GET, /.well-known/mercure, 400, 'the query needs a topic: ?topic=NAME, repeated for several topics, or * for all'",
            "PATCH, /sse, 405, 'PATCH is not allowed here, only GET to subscribe, POST to publish, PUT to renew the token of a stream, and DELETE to forget the past of topics'",
            "GET, /sse/other, 404, ", "GET, /other, 404, ", "GET, /static/other, 404, ", "GET, /static/..%2f..%2fx, 404, ",
            "GET, /static/%2e%2e/logging.properties, 404, "})
    void refusesUnknownPathsAndMethodsClearly(String method, String target, int status, String text) throws Exception {
        HttpResponse<String> response = send(method, target);

        assertThat(response.statusCode()).isEqualTo(status);
        if (text != null) {
            assertThat(response.body()).isEqualTo(text + "\n");
        }
        if (status == 405) {
            assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD, POST, PUT, DELETE");
        }
    }

    @Test
    void answersHeadWithTheHeadersOfGet() throws Exception {
        assertThat(send("HEAD", "/sse?last=0").statusCode()).isEqualTo(400);
        HttpResponse<String> response = send("HEAD", "/sse?last=10");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache, no-store, no-transform");
    }

    @Test
    void redirectsTheRootToThePage() throws Exception {
        for (String method : List.of("GET", "HEAD")) {
            HttpResponse<String> root = send(method, "/");
            assertThat(root.statusCode()).isEqualTo(302);
            assertThat(root.headers().firstValue("Location")).hasValue("/static/index.html");
        }

        for (String path : List.of("/static/", "/static/index.html")) {
            HttpResponse<String> page = send("GET", path);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
            assertThat(page.headers().firstValue("Link")).hasValue("</.well-known/mercure>; rel=\"mercure\"");
            assertThat(page.body()).contains("<title>sse-hub</title>");
        }
        assertThat(send("GET", "/static/page.js").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/javascript");
    }

    /** The names of topics may contain any characters. */
    @Test
    void describesTheHubToThePage() throws Exception {
        HttpResponse<String> quiet = send("GET", "/static/page.json");
        assertThat(quiet.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(quiet.body())
                .isEqualTo(
                        "{\"hub\":\"/sse\",\"messages\":[\"time\"],\"time\":null,\"system\":null,\"log\":null,\"answers\":null}");

        String name = "a \"quoted\" </script> \\ ä";
        TestSettings settings = new TestSettings();
        settings.path = "/my/hub";
        settings.defaultTopics = List.of(TopicSelector.parse("*"), TopicSelector.parse(name));
        settings.timeTopic = Optional.of("time");
        settings.systemTopic = Optional.of(name);
        try (Hub hub = TestHub.create();
                HubServer server = TestHub.serve(hub, settings);
                HttpClient client = HttpClient.newHttpClient()) {
            String page = client
                    .send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/static/page.json"))
                            .build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            JsonObject json = JsonParser.create(page).readJsonObject();
            assertThat(json.stringValue("hub")).hasValue("/my/hub");
            assertThat(json.stringValue("system")).hasValue(name);
            assertThat(json.arrayValue("messages").orElseThrow().values()).extracting(value -> value.asString().value())
                    .containsExactly("*", name);
        }
    }

    /** The policy is also sent with files that are not pages. */
    @Test
    void forbidsThePageToLoadAnythingFromElsewhere() throws Exception {
        for (String path : List.of("/static/", "/static/index.html", "/static/page.js", "/static/page.json", "/static/sse-hub.js",
                "/static/uplot/uPlot.esm.js")) {
            HttpResponse<String> response = send("GET", path);
            assertThat(response.statusCode()).as(path).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow()).as(path)
                    .startsWith("default-src 'self';").contains("frame-ancestors 'none'").doesNotContain("unsafe");
        }
    }

    @Test
    void answersTheHealthCheck() throws Exception {
        assertThat(send("GET", ObserveRoutes.LIVE).statusCode()).isEqualTo(200);
        HealthProbe.check("localhost", port, Optional.empty());
        HealthProbe.check("127.0.0.1", port, Optional.empty());
    }

    @Test
    void buildsTheUrlForEveryFormOfAnAddress() throws Exception {
        for (String host : List.of("localhost", "127.1", "0.0.0.0")) {
            HealthProbe.check(host, port, Optional.empty());
        }
        assertThat(HubServer.url("::1", 80, false)).isEqualTo(HubServer.url("[::1]", 80, false))
                .isEqualTo("http://[0:0:0:0:0:0:0:1]:80");
        assertThat(HubServer.url("::", 80, false)).isEqualTo("http://localhost:80");
        assertThatIOException().isThrownBy(() -> HealthProbe.check(new TestSettings().build()))
                .withMessageStartingWith("server.port is 0");
        assertThatIOException().isThrownBy(() -> HealthProbe.check("localhost", 1, Optional.empty()))
                .withMessageStartingWith("nobody answers at http://");
    }

    @Test
    void answers400ToAMalformedDate() throws Exception {
        HttpResponse<String> response = send("GET", "/static/index.html", "If-Modified-Since", "yesterday");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).startsWith("a date in the headers is malformed: ").contains("yesterday");
    }

    private HttpResponse<String> send(String method, String target, String... headers) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + target));
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(
                    request.timeout(Duration.ofSeconds(10)).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
