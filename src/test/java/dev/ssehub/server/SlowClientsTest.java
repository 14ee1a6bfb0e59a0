package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that delay a request, each at another point. */
class SlowClientsTest {
    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(900);
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(2500);
    /** The watch checks every 250 ms, and the machine may be busy. */
    private static final Duration LATE = Duration.ofSeconds(3);

    private final Meters meters = new Meters();
    private LogCapture log;
    private Hub hub;
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        TestSettings settings = new TestSettings();
        settings.requestTimeout = REQUEST_TIMEOUT;
        settings.idleTimeout = IDLE_TIMEOUT;
        hub = TestHub.create();
        server = HubServer.start(settings.build(), hub, TestHub.open("open"), meters);
        log = new LogCapture();
    }

    @AfterEach
    void assertNothingIsLeft() {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(server.connections().count()).isZero();
            assertThat(server.connections().streams()).isZero();
            assertThat(server.connections().addresses()).isZero();
            assertThat(server.watch().size()).isZero();
        });
        hub.close();
        server.close();
        await().atMost(Duration.ofSeconds(5)).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("connection-watch")));
        log.close();
        assertThat(log.warnings()).isEmpty();
    }

    @Test
    void cutsOffAClientThatSendsNothing() throws IOException {
        try (Socket client = connect()) {
            assertThat(timeToEnd(client)).isBetween(REQUEST_TIMEOUT, REQUEST_TIMEOUT.plus(LATE));
        }
    }

    @Test
    void countsAClientThatIsCutOff() throws IOException {
        try (Socket client = connect()) {
            send(client, "GET / HTTP/1.1\r\n");
            timeToEnd(client);
        }
        await().atMost(Duration.ofSeconds(5))
                .until(() -> new String(meters.scrape(), UTF_8).contains("{limit=\"request-time\"} 1.0\n"));
    }

    @Test
    void cutsOffAClientThatSendsOneByteAtATime() throws Exception {
        try (Socket client = connect()) {
            long start = System.nanoTime();
            byte[] request = ("GET /observe/health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(1000)).getBytes(ISO_8859_1);
            int sent = 0;
            client.setSoTimeout(100);
            while (isOpen(client)) {
                client.getOutputStream().write(request, sent++, 1);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(REQUEST_TIMEOUT, REQUEST_TIMEOUT.plus(LATE));
            assertThat(sent).as("bytes that came before").isGreaterThan(3);
        }
    }

    @Test
    void cutsOffAClientThatDoesNotSendTheBody() throws IOException {
        try (Socket client = connect()) {
            send(client, "POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 100\r\n\r\ntopic=open&");
            assertThat(timeToEnd(client)).isBetween(REQUEST_TIMEOUT, REQUEST_TIMEOUT.plus(LATE));
        }
    }

    @Test
    void cutsOffARefusedClientThatDoesNotSendTheBody() throws IOException {
        try (Socket client = connect()) {
            send(client, "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
            assertThat(timeToEnd(client)).isBetween(REQUEST_TIMEOUT, REQUEST_TIMEOUT.plus(LATE));
        }
    }

    /** The log is checked after the test. */
    @ParameterizedTest
    @ValueSource(strings = {"", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: local",
            "POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ntopic"})
    void logsNoWarningIfAClientLeavesInTheMiddle(String beginning) throws IOException {
        try (Socket client = connect()) {
            send(client, beginning);
            client.shutdownOutput();
            assertThat(timeToEnd(client)).isLessThan(REQUEST_TIMEOUT);
        }
    }

    @Test
    void cutsOffAClientThatDoesNotReadAnswers() throws IOException {
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.connect(new InetSocketAddress("localhost", server.port()));
            send(client, "GET /static/index.html HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000));
            await().atMost(LATE).until(() -> server.connections().count() == 1);
            await().atMost(REQUEST_TIMEOUT.plus(LATE)).until(() -> server.connections().count() == 0);
        }
    }

    @Test
    void allowsAConnectionToBeIdleAfterAnAnswer() throws IOException {
        try (Socket client = connect()) {
            for (int i = 0; i < 2; i++) {
                send(client, "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                client.setSoTimeout(10_000);
                assertThat(client.getInputStream().read()).isEqualTo('H');
                client.setSoTimeout(100);
                while (isOpen(client) && client.getInputStream().available() > 0) {
                    client.getInputStream().skipNBytes(client.getInputStream().available());
                }
            }
            assertThat(timeToEnd(client)).isBetween(IDLE_TIMEOUT.minusMillis(500), IDLE_TIMEOUT.plus(LATE));
        }
    }

    @Test
    void answersPipelinedRequests() throws IOException {
        try (Socket client = connect()) {
            send(client, "GET /static/page.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(49)
                    + "GET /static/page.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            client.setSoTimeout(10_000);
            String all = new String(client.getInputStream().readAllBytes(), ISO_8859_1);
            assertThat(all.split("HTTP/1.1 200", -1)).hasSize(51);
        }
    }

    @Test
    void keepsAStreamLongerThanAllTimeouts() throws Exception {
        try (SseClient client = SseClient.opened(server.port(), "/sse?topic=t")) {
            long end = System.nanoTime() + REQUEST_TIMEOUT.plus(IDLE_TIMEOUT).plusSeconds(1).toNanos();
            await().atMost(Duration.ofSeconds(20)).until(() -> System.nanoTime() > end);
            assertThat(server.watch().size()).isZero();
            hub.publish(new Update(List.of("t"), "still here", null, null, null, false));
            assertThat(client.nextData()).isEqualTo("still here");
        }
    }

    private Socket connect() throws IOException {
        return new Socket("localhost", server.port());
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private static boolean isOpen(Socket client) throws IOException {
        try {
            return client.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    private static Duration timeToEnd(Socket client) throws IOException {
        long start = System.nanoTime();
        client.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
        try {
            while (client.getInputStream().read() >= 0) {
                // read on to the end
            }
        } catch (SocketException e) {
            // a reset is an end, too
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
