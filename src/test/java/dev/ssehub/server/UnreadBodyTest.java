package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests whose body looks like a request. The hub must never answer the body, on any route and for any answer. */
class UnreadBodyTest {
    private static final String SMUGGLED = "GET /observe/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String GENUINE = "GET /genuine HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String EXPECT = "Expect: 100-continue\r\n";
    private static final int MAX_PUBLISH_SIZE = 50_000;
    private static final int LARGE = 300_000;
    private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: (\\d+)\r\n");

    private static Hub hub;
    private static HubServer server;

    /** The beginning of a request, and the status of its answer. */
    record Route(String line, String headers, int status) {
        String head(String moreHeaders) {
            return line + " HTTP/1.1\r\nHost: localhost\r\n" + headers + moreHeaders + "\r\n";
        }
    }

    static Stream<Route> routes() {
        String mercure = "/.well-known/mercure";
        return Stream.of(new Route("POST /sse", FORM, 400), new Route("POST /sse", "", 415),
                new Route("POST /sse", FORM + "Authorization: Bearer x\r\n", 401), new Route("POST " + mercure, FORM, 400),
                new Route("GET /sse?topic=t&live=false", "", 200), new Route("GET /sse?topic=%", "", 400),
                new Route("GET " + mercure, "", 400), new Route("HEAD /sse", "", 200),
                new Route("PUT /sse?streamName=0123456789abcdef", "", 401),
                new Route("PUT /sse", "", 400), new Route("DELETE /sse", "", 400), new Route("DELETE /sse?topic=t", "", 204),
                new Route("PATCH " + mercure, "", 405),
                new Route("OPTIONS /sse", "Origin: http://a\r\nAccess-Control-Request-Method: POST\r\n", 204),
                new Route("POST /sse", FORM + "Origin: http://b\r\n", 403),
                new Route("GET " + mercure + "/subscriptions", "", 401),
                new Route("POST " + mercure + "/subscriptions", "", 405), new Route("GET /static/page.js", "", 200),
                new Route("GET /static/page.js", "If-None-Match: *\r\n", 304),
                new Route("GET /static/page.js", "If-Modified-Since: x\r\n", 400),
                new Route("GET /static/page.js", "Range: bytes=9-1\r\n", 200), new Route("GET /static/page.json", "", 200),
                new Route("GET /static/none", "", 404), new Route("POST /static/page.js", "", 405), new Route("GET /", "", 302),
                new Route("GET /observe/health", "", 200), new Route("POST /observe/health", "", 404),
                new Route("GET /observe/metrics", "", 200), new Route("HEAD /observe/metrics", "", 200),
                new Route("POST /observe/metrics", "", 404), new Route("GET /none", "", 404), new Route("POST /none", "", 404),
                new Route("BREW /none", "", 404));
    }

    @BeforeAll
    static void start() throws IOException {
        hub = TestHub.create();
        TestSettings settings = new TestSettings();
        settings.tellsSubscriptions = true;
        settings.allowedOrigins = Set.of("http://a");
        settings.maxPublishSize = MAX_PUBLISH_SIZE;
        server = HubServer.start(settings.build(), hub, TestHub.open("*"), new Meters());
    }

    @AfterAll
    static void stop() {
        hub.close();
        server.close();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void bodyThatIsSentWithoutWaitingFor100(Route route) throws IOException {
        assertOneAnswer(route, route.head(EXPECT + length(SMUGGLED)) + SMUGGLED);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void largeBodyThatIsSentWithoutWaitingFor100(Route route) throws IOException {
        if (route.line().contains("live=")) {
            return; // a stream can end before the body, and its client can lose the end
        }
        String large = large();
        Route expected = isRefusedForItsSize(route) ? new Route(route.line(), route.headers(), 413) : route;
        assertOneAnswer(expected, route.head(EXPECT + length(large)) + large);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void bodyThatIsSentAfterTheAnswerAllTheSame(Route route) throws IOException {
        if (route.headers().equals(FORM)) {
            return; // the hub asks for this body
        }
        try (Socket socket = connect()) {
            socket.getOutputStream().write(route.head(EXPECT + length(SMUGGLED)).getBytes(ISO_8859_1));
            String first = firstAnswer(socket.getInputStream(), route.line().startsWith("HEAD "));
            assertThat(first).contains("\r\nConnection: close\r\n");

            assertThat(answers(first + exchange(socket, SMUGGLED + GENUINE), route)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void chunkedBody(Route route) throws IOException {
        String chunked = Integer.toHexString(SMUGGLED.length()) + "\r\n" + SMUGGLED + "\r\n0\r\n\r\n";
        assertOneAnswer(route, route.head("Transfer-Encoding: chunked\r\n") + chunked);
        assertOneAnswer(route, route.head(EXPECT + "Transfer-Encoding: chunked\r\n") + chunked);
        if (!route.line().contains("live=")) { // a stream can end before the body, and its client can lose the end
            boolean isRead = isRefusedForItsSize(route) && route.status() == 400; // the size shows when the body is read
            Route expected = isRead ? new Route(route.line(), route.headers(), 413) : route;
            assertOneAnswer(expected, route.head("Transfer-Encoding: chunked\r\n") + Integer.toHexString(LARGE) + "\r\n" + large()
                    + "\r\n0\r\n\r\n");
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void bodyOfAnOrdinaryRequestIsRead(Route route) throws IOException {
        List<String> answers = assertOneAnswer(route, route.head(length(SMUGGLED)) + SMUGGLED);
        assertThat(answers).hasSize(answers.getFirst().contains("\r\nConnection: close\r\n") ? 1 : 2);

        if (route.line().contains("live=")) {
            return; // a stream can end before the body, and its client can lose the end
        }
        String large = large();
        Route expected = isRefusedForItsSize(route) ? new Route(route.line(), route.headers(), 413) : route;
        assertOneAnswer(expected, route.head(length(large)) + large);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void otherExpectations(Route route) throws IOException {
        assertOneAnswer(route, route.head("Expect: 100-Continue\r\n" + length(SMUGGLED)) + SMUGGLED);
        assertOneAnswer(route, route.head("Expect: x, 100-continue\r\n" + length(SMUGGLED)) + SMUGGLED);
        assertOneAnswer(route, route.head("Expect: x\r\n" + EXPECT + length(SMUGGLED)) + SMUGGLED);
        assertOneAnswer(route, route.head(EXPECT + "Connection: keep-alive\r\n" + length(SMUGGLED)) + SMUGGLED);
        assertOneAnswer(route, route.head(EXPECT + "Connection: close\r\n" + length(SMUGGLED)) + SMUGGLED);
    }

    @ParameterizedTest
    @MethodSource("routes")
    void requestWithoutABodyKeepsTheConnection(Route route) throws IOException {
        for (String headers : List.of("", EXPECT, EXPECT + "Content-Length: 0\r\n")) {
            List<String> answers = assertOneAnswer(route, route.head(headers));
            assertThat(answers).hasSize(route.line().contains("live=") ? 1 : 2);
        }
    }

    @Test
    void publisherThatIsAskedForItsBodyKeepsItsConnection() throws IOException {
        String body = "topic=t&data=" + SMUGGLED;
        Route publish = new Route("POST /sse", FORM, 200);
        String request = publish.head(EXPECT + length(body));

        assertThat(assertOneAnswer(publish, request + body + request + body)).hasSize(3);
    }

    @Test
    void clientThatOnlyWaitsForTheEndIsDisconnected() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(new Route("GET /none", "", 404).head(EXPECT + length(SMUGGLED)).getBytes(ISO_8859_1));

            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1)).startsWith("HTTP/1.1 404 ");
        }
    }

    private static List<String> assertOneAnswer(Route route, String request) throws IOException {
        try (Socket socket = connect()) {
            return answers(exchange(socket, request + GENUINE), route);
        }
    }

    /** Returns the answers. Asserts that they are the expected one and those to {@link #GENUINE}. */
    private static List<String> answers(String received, Route route) {
        List<String> answers = new ArrayList<>();
        String rest = received;
        while (!rest.isEmpty()) {
            int head = rest.indexOf("\r\n\r\n") + 4;
            assertThat(begin(rest)).startsWith("HTTP/1.1 ");
            assertThat(head).as(begin(received)).isGreaterThan(4);
            boolean interim = rest.startsWith("HTTP/1.1 100 ");
            boolean withoutBody = interim || answers.isEmpty() && route.line().startsWith("HEAD ");
            Matcher length = LENGTH.matcher(rest.substring(0, head));
            boolean hasLength = length.find();
            int end = withoutBody ? head : hasLength ? head + Integer.parseInt(length.group(1)) : end(rest, head);
            if (!interim) {
                answers.add(rest.substring(0, end));
            }
            rest = rest.substring(end);
        }
        assertThat(answers).as(begin(received)).isNotEmpty();
        assertThat(AttackedHub.status(answers.getFirst())).as(begin(received)).isEqualTo(route.status());
        boolean closed = answers.getFirst().contains("\r\nConnection: close\r\n");
        assertThat(answers.stream().skip(1)).as(begin(received))
                .allMatch(answer -> !closed && List.of(404, route.status()).contains(AttackedHub.status(answer)))
                .noneMatch(answer -> answer.contains("sse_hub_") || answer.contains("\r\nConnection: close\r\n")
                        && !answer.equals(answers.getLast()));
        return answers;
    }

    /** Returns the end of an answer without a length: a stream goes on to the end, a 204 or 304 ends with its headers. */
    private static int end(String rest, int head) {
        return rest.startsWith("HTTP/1.1 204") || rest.startsWith("HTTP/1.1 304") ? head : rest.length();
    }

    private static String begin(String received) {
        return received.substring(0, Math.min(received.length(), 1000));
    }

    /** The type comes first, then the size, then the token; the origin comes before all of them. */
    private static boolean isRefusedForItsSize(Route route) {
        return route.headers().startsWith(FORM) && !route.headers().contains("Origin");
    }

    private static String firstAnswer(InputStream in, boolean withoutBody) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        String text = "";
        while (!text.endsWith("\r\n\r\n")) {
            int next = in.read();
            assertThat(next).as(text).isNotNegative();
            received.write(next);
            text = received.toString(ISO_8859_1);
        }
        Matcher length = LENGTH.matcher(text);
        return length.find() && !withoutBody
                ? text + new String(in.readNBytes(Integer.parseInt(length.group(1))), ISO_8859_1)
                : text;
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket("localhost", server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String exchange(Socket socket, String request) throws IOException {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.shutdownOutput();
            socket.getInputStream().transferTo(received);
        } catch (SocketException e) {
            assertThat(received.size()).as("the answer is lost: " + e).isPositive();
        }
        return received.toString(ISO_8859_1);
    }

    private static String large() {
        return SMUGGLED.repeat(LARGE / SMUGGLED.length()) + "x".repeat(LARGE % SMUGGLED.length());
    }

    private static String length(String body) {
        return "Content-Length: " + body.length() + "\r\n";
    }
}
