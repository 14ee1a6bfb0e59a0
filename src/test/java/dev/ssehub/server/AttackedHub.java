package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A hub that receives hostile requests, while a publisher and a subscriber must not be disturbed. */
final class AttackedHub implements AutoCloseable {
    private static final Set<String> HEADERS = Set.of("accept-encoding", "accept-ranges", "allow", "cache-control", "connection",
            "content-length", "keep-alive",
            "content-range", "content-security-policy", "content-type", "date", "etag", "heartbeat-interval", "last-event-id",
            "last-modified", "link", "location", "referrer-policy", "retry-after", "sse-hub", "transfer-encoding",
            "www-authenticate",
            "x-accel-buffering", "x-content-type-options", "x-frame-options");
    private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: (\\d+)\r\n");
    /** Texts from a class, a manifest, the logging settings, and files that attackers usually try to read. */
    private static final List<String> SECRETS = List.of("\u00ca\u00fe\u00ba\u00be", "Manifest-Version", "LogHandler",
            "root:x:");

    private final Hub hub = TestHub.create();
    private final HubServer server;
    private final SseClient subscriber;
    private final HttpClient publisher = HttpClient.newHttpClient();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(line.getLevel() + " " + line.getLoggerName() + ": " + line.getMessage() + " " + line.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final Logger root = Logger.getLogger("");
    private final Level level = root.getLevel();
    private int published;

    AttackedHub() throws IOException {
        TestSettings settings = new TestSettings();
        settings.tellsSubscriptions = true;
        server = HubServer.start(settings.build(), hub, TestHub.open("*"), new Meters());
        subscriber = SseClient.opened(server.port(), "/sse?topic=beside");
        root.setLevel(Level.INFO);
        root.addHandler(handler);
    }

    Hub hub() {
        return hub;
    }

    /** Sends a request and returns the complete answers. Fails if an answer is malformed, or if other clients are disturbed. */
    List<String> attack(String request) throws Exception {
        List<String> answers = answers(exchange(request.getBytes(ISO_8859_1)), request.startsWith("HEAD "));
        for (String answer : answers) {
            String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
            assertThat(status(answer)).as(answer).isBetween(200, 599).isNotEqualTo(500);
            assertThat(head.lines().skip(1)).allMatch(line -> HEADERS.contains(line.replaceFirst(":.*", "").toLowerCase()));
            assertThat(head).doesNotContainIgnoringCase("injected").contains("Sse-Hub: 1", "X-Content-Type-Options: nosniff",
                    "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src ", "frame-ancestors 'none'");
            assertThat(answer).doesNotContain(SECRETS);
        }
        publish();
        assertThat(log).isEmpty();
        return answers;
    }

    static int status(String answer) {
        return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3));
    }

    private void publish() throws Exception {
        String data = "event " + ++published;
        HttpResponse<String> response = publisher.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/sse"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("topic=beside&data=" + data.replace(' ', '+'))).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(subscriber.nextData()).isEqualTo(data);
    }

    private byte[] exchange(byte[] request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            socket.getInputStream().transferTo(answer);
        } catch (SocketException e) {
            // the hub has closed the connection before it had read everything
        }
        return answer.toByteArray();
    }

    private static List<String> answers(byte[] bytes, boolean withoutBody) {
        List<String> answers = new ArrayList<>();
        String rest = new String(bytes, ISO_8859_1);
        while (!rest.isEmpty()) {
            int head = rest.indexOf("\r\n\r\n") + 4;
            assertThat(rest).startsWith("HTTP/1.1 ");
            assertThat(head).as(rest).isGreaterThan(4);
            Matcher length = LENGTH.matcher(rest.substring(0, head));
            int end = withoutBody ? head : length.find() ? head + Integer.parseInt(length.group(1)) : rest.length();
            answers.add(rest.substring(0, end));
            rest = rest.substring(end);
        }
        return answers;
    }

    @Override
    public void close() throws IOException {
        root.removeHandler(handler);
        root.setLevel(level);
        publisher.close();
        subscriber.close();
        hub.close();
        server.close();
    }
}
