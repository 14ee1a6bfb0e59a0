package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import dev.ssehub.server.SseClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hub that stops, as its clients and load balancers see it. {@code JarIT} stops a process by signals. */
@Timeout(60)
class StoppingTest {
    private static final Pattern RETRY = Pattern.compile("retry: (\\d+)\n: restart");

    private Application application;
    private Thread stopping;

    private void start(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(Map.of("server.port", "0", "server.host", "127.0.0.1",
                "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        application = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
    }

    private void stop() {
        stopping = Thread.ofPlatform().start(application::close);
    }

    @AfterEach
    void close() throws InterruptedException {
        if (stopping != null) {
            stopping.interrupt();
            stopping.join();
        }
        application.close();
    }

    private Socket send(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", application.port());
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        return socket;
    }

    /** Sends a request and reads up to the end of the connection, which an answer of a hub that stops brings about. */
    private String ask(String request) throws IOException {
        try (Socket socket = send(request)) {
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static String publish(String connection, String body) {
        return "POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n" + connection
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private String ready() throws IOException {
        return ask("GET /observe/health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Test
    void isNotReadyFromTheFirstMomentAndContinuesForTheDelay() throws Exception {
        start("sse-hub.drain.delay", "5m");
        assertThat(ready()).startsWith("HTTP/1.1 200 ").endsWith("\r\nready\n");
        try (SseClient open = SseClient.opened(application.port(), "/sse?topic=chat")) {
            stop();
            await().until(() -> ready().startsWith("HTTP/1.1 503 "));

            assertThat(ready()).endsWith("\r\nnot ready: the hub is stopping\n");
            assertThat(ask(get("/observe/health/live"))).startsWith("HTTP/1.1 200 ").contains("\r\nConnection: close\r\n");
            assertThat(ask(publish("", "topic=chat&data=still"))).startsWith("HTTP/1.1 200 ")
                    .contains("\r\nConnection: close\r\n");
            assertThat(open.nextData()).isEqualTo("still");
            try (SseClient late = SseClient.opened(application.port(), "/sse?topic=chat")) {
                application.hub().publish(new Update("chat", "for both"));
                assertThat(late.nextData()).isEqualTo(open.nextData()).isEqualTo("for both");
            }
        }
    }

    @Test
    void tellsEachClientToComeBackAtAnotherTime() throws Exception {
        start("sse-hub.retry", "1s", "sse-hub.drain.retry-spread", "10s");
        List<SseClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(SseClient.opened(application.port(), "/sse?topic=chat"));
        }
        application.hub().publish(new Update("chat", "last words"));
        application.close();

        List<Integer> seconds = new ArrayList<>();
        for (SseClient client : clients) {
            assertThat(client.nextData()).isEqualTo("last words");
            Matcher retry = RETRY.matcher(client.nextFrame());
            assertThat(retry.matches()).isTrue();
            seconds.add(Integer.parseInt(retry.group(1)) / 1_000);
            assertThat(client.isCutBetweenChunks()).isTrue();
            client.close();
        }
        for (int second = 1; second <= 10; second++) {
            assertThat(Collections.frequency(seconds, second)).as("second %s of %s", second, seconds).isEqualTo(5);
        }
    }

    /** The hub waits for the rest of a request, and only then closes its connections. */
    @Test
    void answersARequestThatIsUnderWay() throws Exception {
        start("sse-hub.drain.timeout", "30s");
        String request = publish("", "topic=chat&data=" + "x".repeat(1_000));
        try (Socket slow = send(request.substring(0, request.length() - 1));
                SseClient stream = SseClient.opened(application.port(), "/sse?topic=chat")) {
            stop();
            assertThat(RETRY.matcher(stream.nextFrame()).matches()).isTrue();
            await().until(application.hub()::isClosed);
            assertThat(ask(get("/sse?topic=chat"))).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: ")
                    .endsWith("\r\nthe hub is stopping\n");
            assertThat(ask(publish("", "topic=chat&data=new"))).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: ")
                    .endsWith("\r\nthe hub is stopping\n");

            slow.getOutputStream().write('x');
            assertThat(new String(slow.getInputStream().readAllBytes(), ISO_8859_1)).startsWith("HTTP/1.1 503 ")
                    .endsWith("\r\nthe hub is stopping\n");
            stopping.join();
        }
    }
}
