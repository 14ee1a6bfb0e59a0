package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Limit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with few connections. Many addresses hold them without a request, and reconnect as soon as they are closed. */
@Tag("alone")
class ScarceConnectionsTest {
    private static final String HEALTH = "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String STREAM = "GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Duration SOON = Duration.ofSeconds(5);

    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create();
    private final ExecutorService attackers = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Socket> streams = new ArrayList<>();
    @TempDir
    private Path folder;
    private HubServer server;
    private volatile boolean attacked = true;

    private void start() throws IOException {
        settings.host = "127.0.0.1";
        settings.maxConnections = 40;
        settings.maxConnectionsPerAddress = 4;
        server = TestHub.serve(hub, settings);
    }

    @AfterEach
    void assertNothingIsLeft() throws IOException {
        attacked = false;
        for (Socket stream : streams) {
            stream.close();
        }
        attackers.shutdownNow();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(server.connections().count()).isZero();
            assertThat(server.connections().addresses()).isZero();
            assertThat(server.watch().size()).isZero();
        });
        attackers.close();
        hub.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /obs", HEALTH,
            "POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 100\r\n\r\ntopic"})
    void answersAHealthCheckWhileOthersHoldAllConnections(String beginning) throws IOException {
        start();
        attack(beginning);
        for (int i = 0; i < 2; i++) {
            assertIsAnsweredSoon();
        }
    }

    @Test
    void answersAHealthCheckWhileStreamsAreFull() throws IOException {
        start();
        for (int i = 0; i < 32; i++) {
            Socket stream = connect("127.0.1." + i);
            streams.add(stream);
            assertThat(ask(stream, STREAM)).startsWith("HTTP/1.1 200");
        }
        attack("");
        for (int i = 0; i < 2; i++) {
            assertIsAnsweredSoon();
        }
        assertThat(hub.subscribers()).isEqualTo(32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no TLS at all"})
    void answersAHealthCheckWhileNoHandshakeCompletes(String beginning) throws Exception {
        TestCertificate certificate = TestCertificate.ec("scarce");
        settings.tls = Optional.of(certificate.write(folder));
        start();
        attack(beginning);
        SSLContext tls = certificate.client();
        for (int i = 0; i < 2; i++) {
            assertIsAnsweredSoon(() -> {
                try (Socket tcp = connect("127.0.0.1");
                        Socket client = tls.getSocketFactory().createSocket(tcp, "localhost", server.port(), true)) {
                    return ask(client, HEALTH);
                }
            });
        }
    }

    @Test
    void countsEvictedConnectionsAndEvictsNoneWhileThereIsRoom() throws IOException {
        start();
        for (int i = 0; i < 36; i++) {
            streams.add(connect("127.0.1." + i));
        }
        await().atMost(SOON).until(() -> server.connections().count() == 36);
        await().pollDelay(Duration.ofSeconds(1)).until(() -> server.connections().count() == 36);

        streams.add(connect("127.0.2.1"));
        assertThat(streams.getFirst().getInputStream().read()).as("the connection that waits longest").isNegative();
        await().atMost(SOON).until(() -> server.connections().count() == 36);
        // a further connection could evict another one before its request is read
        String metrics = ask(streams.getLast(), HEALTH.replace("health", "metrics"));
        assertThat(metrics).contains("limit=\"" + Limit.CONNECTIONS.label() + "\"} 1.0",
                "limit=\"" + Limit.REQUEST_TIME.label() + "\"} 0.0");
    }

    /** Holds five hundred connections from fifty addresses. */
    private void attack(String beginning) {
        for (int i = 0; i < 500; i++) {
            String from = "127.0.0." + (2 + i % 50);
            attackers.execute(() -> {
                while (attacked) {
                    hold(from, beginning);
                }
            });
        }
        await().atMost(SOON).until(() -> server.connections().count() > 30);
    }

    private void hold(String from, String beginning) {
        try (Socket client = connect(from)) {
            client.getOutputStream().write(beginning.getBytes(ISO_8859_1));
            client.setSoTimeout(60_000);
            while (client.getInputStream().read() >= 0) {
                // until the hub closes the connection
            }
        } catch (IOException e) {
            // connect again
        }
    }

    private void assertIsAnsweredSoon() {
        assertIsAnsweredSoon(() -> {
            try (Socket client = connect("127.0.0.1")) {
                return ask(client, HEALTH);
            }
        });
    }

    /** On a busy machine, the client itself may be the one that waits longest and gives way. Then it tries again. */
    private static void assertIsAnsweredSoon(Callable<String> request) {
        await().atMost(SOON).ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(request.call()).startsWith("HTTP/1.1 2"));
    }

    private Socket connect(String from) throws IOException {
        Socket client = new Socket();
        client.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        client.connect(new InetSocketAddress("127.0.0.1", server.port()), 10_000);
        client.setSoTimeout(10_000);
        return client;
    }

    /** Sends a request and returns the headers of the answer and what was received with them. */
    private static String ask(Socket client, String request) throws IOException {
        client.getOutputStream().write(request.getBytes(ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0 || client.getInputStream().available() > 0) {
            int c = client.getInputStream().read();
            assertThat(c).as("the answer's next byte, after: " + answer).isNotNegative();
            answer.append((char) c);
        }
        return answer.toString();
    }
}
