package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a browser sends for pages of other origins. */
class CrossOriginTest {
    private static final String FRIEND = "https://friend.example";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final List<String> PATHS = List.of("/sse", "/.well-known/mercure?topic=t",
            "/.well-known/mercure/subscriptions", "/static/sse-hub.js", "/static/none", "/sse?topic=%");

    private final Hub hub = TestHub.create();
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        serve(Set.of(FRIEND, "http://localhost:3000"));
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    @Test
    void allowsAListedOriginInEveryAnswer() throws IOException {
        for (String path : PATHS) {
            assertThat(head("GET", path, "Origin: " + FRIEND)).as(path).contains("Access-Control-Allow-Origin: " + FRIEND,
                    "Access-Control-Allow-Credentials: true", "Vary: Origin",
                    "Access-Control-Expose-Headers: Date, Last-Event-ID, Heartbeat-Interval, Link, Retry-After, Sse-Hub");
        }
        assertThat(List.of(status(head("POST", "/sse", FORM + "Origin: " + FRIEND, "topic=t&data=x")),
                status(head("POST", "/sse", FORM + "Origin: " + FRIEND, "topic")),
                status(head("PUT", "/sse", "Origin: " + FRIEND)),
                status(head("DELETE", "/sse?topic=t", "Origin: " + FRIEND)))).containsExactly(401, 401, 400, 401);
        assertThat(head("POST", "/sse", FORM + "Origin: " + FRIEND, "topic=t&data=x"))
                .contains("Access-Control-Allow-Origin: " + FRIEND, "Vary: Origin");
    }

    @Test
    void allowsAListedOriginInTheHeadersOfAStream() throws IOException {
        try (SseClient client = new SseClient(server.port(), "/sse", "Origin: " + FRIEND)) {
            assertThat(client.headers()).startsWith("HTTP/1.1 200").contains("Access-Control-Allow-Origin: " + FRIEND,
                    "Access-Control-Allow-Credentials: true", "Heartbeat-Interval: ", "Vary: Origin");
            assertThat(client.nextFrame()).startsWith("retry");
            hub.publish(new Update("t", "hello"));
            assertThat(client.nextData()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://stranger.example", "null", "http://friend.example", "https://friend.example:8443",
            "https://friend.example.evil.example", "https://FRIEND.example", "friend.example", "", "https://",
            "https://friend.example, https://friend.example"})
    void refusesOtherOriginsWithASentence(String origin) throws IOException {
        for (String path : PATHS) {
            String answer = head("GET", path, "Origin: " + origin);
            assertThat(answer).as(path).startsWith("HTTP/1.1 403").contains("Vary: Origin").doesNotContain("Access-Control")
                    .contains("\r\n\r\npages of the origin " + origin
                            + " may not use this hub: sse-hub.cors.allowed-origins does not list it\n");
        }
        assertThat(status(head("POST", "/sse", FORM + "Origin: " + origin, "topic=t&data=x"))).isEqualTo(403);
        assertThat(status(head("DELETE", "/sse?topic=t", "Origin: " + origin))).isEqualTo(403);
        assertThat(status(head("GET", "/", "Origin: " + origin))).as("not the hub's").isEqualTo(302);
    }

    @Test
    void recognisesTheHubsOwnPageBehindAProxy() throws IOException {
        for (String headers : List.of("Origin: http://localhost", "Origin: https://localhost", "Origin: https://LOCALHOST",
                "Origin: https://proxied.example\r\nSec-Fetch-Site: same-origin")) {
            assertThat(head("GET", "/static/page.json", headers)).as(headers).startsWith("HTTP/1.1 200").contains("Vary: Origin")
                    .doesNotContain("Access-Control");
        }
        assertThat(status(head("GET", "/static/page.json", "Origin: https://proxied.example\r\nSec-Fetch-Site: cross-site")))
                .isEqualTo(403);
        assertThat(status(head("GET", "/static/page.json", "Origin: https://localhost:8443"))).isEqualTo(403);
    }

    /** Without the headers, the page sees only a network error. */
    @Test
    void allowsAListedOriginInAnswersToRequestsThatReachNoHandler() throws IOException {
        String long20k = "a".repeat(20_000);
        Map<String, Integer> requests = Map.of("Origin: " + FRIEND + "\r\nX: " + long20k, 431,
                "X: a\r\norigin:" + FRIEND + " \r\nCookie: " + long20k, 431, "Host: b\r\nOrigin: " + FRIEND, 400,
                "Content-Length: x\r\nOrigin: " + FRIEND, 400, "Transfer-Encoding: gzip, chunked\r\nOrigin: " + FRIEND, 501);
        for (Map.Entry<String, Integer> request : requests.entrySet()) {
            String answer = head("GET", "/sse", request.getKey());
            assertThat(status(answer)).isEqualTo(request.getValue());
            assertThat(answer).contains("Access-Control-Allow-Origin: " + FRIEND + "\r\n", "Vary: Origin");
            assertThat(head("GET", "/sse", request.getKey().replace(FRIEND, "https://stranger.example")))
                    .doesNotContain("Access-Control").contains("Vary: Origin");
        }
        assertThat(head("GET", "/sse?topic=" + "a".repeat(16_500), "Accept: */*")).startsWith("HTTP/1.1 414 ")
                .doesNotContain("Access-Control").contains("Vary: Origin");
    }

    @Test
    void sendsVaryToARequestWithoutAnOrigin() throws IOException {
        for (String path : PATHS) {
            assertThat(head("GET", path, "Accept: */*")).as(path).contains("Vary: Origin").doesNotContain("Access-Control");
        }
    }

    @Test
    void answersAPreflightWithTheAllowedMethodsAndHeaders() throws IOException {
        for (String path : PATHS) {
            assertThat(preflight(path, "POST", "authorization,content-type, last-event-id,cache-control, "
                    + "traceparent,tracestate,baggage,sentry-trace,x-requested-with,pragma")).as(path)
                    .startsWith("HTTP/1.1 204").endsWith("\r\n\r\n").contains("Access-Control-Allow-Origin: " + FRIEND,
                            "Access-Control-Allow-Credentials: true",
                            "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE\r\n",
                            "Access-Control-Allow-Headers: Accept, Authorization, Cache-Control, Content-Type, Last-Event-ID, Pragma, "
                                    + "X-Requested-With, baggage, sentry-trace, traceparent, tracestate\r\n",
                            "Access-Control-Max-Age: 3600", "Vary: Origin");
        }
        assertThat(preflight("/sse?topic=t", "DELETE", "authorization")).startsWith("HTTP/1.1 204");
        assertThat(preflight("/sse", "PATCH", "accept")).startsWith("HTTP/1.1 403")
                .contains("pages may use GET, HEAD, POST, PUT, DELETE, not PATCH");
        assertThat(preflight("/sse", "GET", "accept, x-mine")).startsWith("HTTP/1.1 403")
                .contains("pages may send the headers Accept, ", ", not x-mine");
        assertThat(head("OPTIONS", "/sse", "Access-Control-Request-Method: GET\r\nOrigin: https://stranger.example"))
                .startsWith("HTTP/1.1 403").doesNotContain("Access-Control");
    }

    @Test
    void answersOtherOptionsRequestsAsUsual() throws IOException {
        assertThat(head("OPTIONS", "/sse", "Origin: " + FRIEND)).startsWith("HTTP/1.1 405").contains("Allow: GET, HEAD, POST",
                "Access-Control-Allow-Origin: " + FRIEND);
        assertThat(status(head("OPTIONS", "/sse", "Access-Control-Request-Method: GET"))).isEqualTo(405);
    }

    @Test
    void allowsEveryOriginWithoutCookiesForAStar() throws IOException {
        server.close();
        serve(Set.of("*"));
        for (String origin : List.of("null", "https://anyone.example")) {
            assertThat(head("GET", "/static/page.json", "Origin: " + origin)).startsWith("HTTP/1.1 200")
                    .contains("Access-Control-Allow-Origin: *\r\n").doesNotContain("Credentials");
        }
        assertThat(preflight("/sse", "POST", "last-event-id")).startsWith("HTTP/1.1 204")
                .contains("Access-Control-Allow-Origin: *\r\n").doesNotContain("Credentials");
    }

    @Test
    void sendsNoHeadersAboutOriginsWithoutAList() throws IOException {
        server.close();
        serve(Set.of());
        for (String path : PATHS) {
            assertThat(head("GET", path, "Origin: " + FRIEND)).as(path).doesNotContain("Access-Control", "Vary", "HTTP/1.1 403");
        }
        assertThat(status(head("OPTIONS", "/sse", "Origin: " + FRIEND))).as("no preflight").isEqualTo(405);
        for (String path : PATHS) {
            assertThat(preflight(path, "POST", "accept")).as(path).startsWith("HTTP/1.1 403").doesNotContain("Access-Control")
                    .endsWith("\r\n\r\npages of the origin " + FRIEND
                            + " may not use this hub: sse-hub.cors.allowed-origins lists none\n");
        }
        assertThat(status(head("OPTIONS", "/sse", "Access-Control-Request-Method: GET\r\nOrigin: http://localhost")))
                .as("the hub's own page").isEqualTo(405);
        assertThat(status(head("OPTIONS", "/", "Access-Control-Request-Method: GET\r\nOrigin: " + FRIEND)))
                .as("not the hub's").isEqualTo(404);
    }

    @Test
    void doesNotEchoAnOriginThatNoBrowserSends() throws IOException {
        String odd = "https://<b>\"\u00e9\u0085\tx' & " + "y".repeat(5_000);
        for (Set<String> origins : List.of(Set.of(FRIEND), Set.<String>of())) {
            server.close();
            serve(origins);
            assertThat(head("OPTIONS", "/sse", "Access-Control-Request-Method: GET\r\nOrigin: " + odd))
                    .startsWith("HTTP/1.1 403").contains("\r\n\r\npages of the origin https://?b??")
                    .contains("yyy... may not use this hub").doesNotContain("<", "\u00e9", "\u0085", "\t", "y".repeat(300));
        }
    }

    private void serve(Set<String> origins) throws IOException {
        TestSettings settings = new TestSettings();
        settings.allowedOrigins = origins;
        settings.tellsSubscriptions = true;
        server = TestHub.serve(hub, settings);
    }

    private String preflight(String path, String method, String headers) throws IOException {
        return head("OPTIONS", path, "Access-Control-Request-Method: " + method + "\r\nAccess-Control-Request-Headers: "
                + headers + "\r\nOrigin: " + FRIEND);
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }

    private String head(String method, String path, String headers) throws IOException {
        return head(method, path, headers, "");
    }

    /** Returns the answer, or the beginning of a stream. */
    private String head(String method, String path, String headers, String body) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
                            + (body.isEmpty() ? "" : "\r\nContent-Length: " + body.length()) + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder answer = new StringBuilder();
            for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
                answer.append((char) c);
                if (answer.indexOf("\nretry: ") > 0) {
                    break;
                }
            }
            return answer.toString();
        }
    }
}
