package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.connection.ConnectionWatch;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.tracing.Tracing;
import io.helidon.common.Weighted;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.spi.ServerFeature;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server with few connections. */
class ConnectionLimitsTest {
    private static final String HEALTH = "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String STREAM = "GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String PUBLISH = "POST /sse HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\ntopic=open";

    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create();
    private @Nullable ConnectionWatch watch;
    private final List<Socket> clients = new ArrayList<>();
    private @Nullable Connections connections;
    private @Nullable WebServer server;

    private static final class Failing implements ServerFeature, Weighted {
        @Override
        public void setup(ServerFeatureContext context) {
            context.socket(WebServer.DEFAULT_SOCKET_NAME).httpRouting().get("/fail", Failing::fail);
        }

        private static void fail(ServerRequest request, ServerResponse response) {
            throw new IllegalStateException("an error in a handler");
        }

        @Override
        public double weight() {
            return 1000;
        }

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public String type() {
            return "failing";
        }
    }

    private void start(int possible) {
        ServerSettings built = settings.build();
        connections = new Connections(built.limits(), new ProcessLimits(possible, 1L << 40, 16_384), new NoMetrics());
        Listener listener = new Listener(WebServer.DEFAULT_SOCKET_NAME, connections, System::nanoTime);
        watch = listener.watch();
        Served served = new Served(built, hub, Cluster.alone(), TestHub.open("open"), new Meters(), Tracing.NONE,
                new Health(Optional::empty), System::nanoTime);
        server = HubServer.configure(WebServer.builder(), served, listener, Optional.empty()).addFeature(new Failing()).build()
                .start();
        listener.start(server, built.writeTimeout());
    }

    @AfterEach
    void keepsNothingAfterAllClientsHaveLeft() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        await().atMost(Duration.ofSeconds(15)).untilAsserted(() -> {
            assertThat(connections.count()).isZero();
            assertThat(connections.streams()).isZero();
            assertThat(connections.addresses()).isZero();
            assertThat(watch.size()).isZero();
            assertThat(hub.subscribers()).isZero();
        });
        hub.close();
        server.stop();
        watch.close();
    }

    @Test
    void servesPublishersAndHealthChecksWhenStreamsAreFull() throws IOException {
        settings.maxConnections = 40;
        start(5000);
        for (int i = 0; i < 32; i++) {
            assertThat(ask(connect(), STREAM)).startsWith("HTTP/1.1 200");
        }
        for (int i = 0; i < 100; i++) {
            assertThat(ask(connect(), STREAM)).startsWith("HTTP/1.1 503");
            assertThat(ask(connect(), HEALTH)).startsWith("HTTP/1.1 2");
            assertThat(ask(connect(), PUBLISH)).startsWith("HTTP/1.1 200");
        }
        assertThat(connections.streams()).isEqualTo(32);
    }

    @Test
    void servesOthersDuringAFloodFromOneAddress() throws IOException {
        settings.maxConnectionsPerAddress = 100;
        start(5000);
        for (int i = 0; i < 2000; i++) {
            connect();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> connections.count() == 116);
        assertThat(ask(clients.get(5), STREAM)).startsWith("HTTP/1.1 200");
        try (Socket other = connect("127.0.0.2")) {
            assertThat(ask(other, HEALTH)).startsWith("HTTP/1.1 2").doesNotContainIgnoringCase("connection: close");
        }
        try (Socket other = connect("127.0.0.2")) {
            assertThat(ask(other, STREAM)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void refusesAndClosesOneConnectionTooMany() throws IOException {
        settings.maxConnectionsPerAddress = 2;
        start(5000);
        assertThat(ask(connect(), STREAM)).startsWith("HTTP/1.1 200");
        assertThat(ask(connect(), STREAM)).startsWith("HTTP/1.1 200");
        for (int i = 0; i < 20; i++) {
            Socket third = connect();
            assertThat(ask(third, STREAM)).startsWith("HTTP/1.1 503").contains("\r\nRetry-After: ")
                    .containsIgnoringCase("connection: close");
            assertThat(third.getInputStream().read()).as("closed").isNegative();
            await().atMost(Duration.ofSeconds(5)).until(() -> connections.count() == 2);
        }
    }

    @Test
    void doesNotCountARefusedRequestAsAStream() throws IOException {
        start(5000);
        Socket client = connect();
        assertThat(ask(client, STREAM.replace("/sse", "/sse?live=perhaps"))).startsWith("HTTP/1.1 400");
        assertThat(ask(client, HEALTH)).startsWith("HTTP/1.1 2");
        assertThat(connections.streams()).isZero();
        assertThat(connections.count()).isEqualTo(1);
    }

    @Test
    void countsStreamsOfAProxyForTheClientsThatItNames() throws IOException {
        settings.maxConnectionsPerAddress = 1;
        settings.trustedProxies = List.of(AddressRange.parse("127.0.0.1"));
        start(5000);
        String first = STREAM.replace("\r\n\r\n", "\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n");
        String second = first.replace("1.1.1.1", "1.1.1.2");
        assertThat(ask(connect(), first)).startsWith("HTTP/1.1 200");
        assertThat(ask(connect(), first)).startsWith("HTTP/1.1 503");
        assertThat(ask(connect(), second)).startsWith("HTTP/1.1 200");
    }

    @Test
    void keepsNothingOfAThousandConnectionsThatAreCutAtRandomTimes() throws IOException {
        settings.maxConnectionsPerAddress = 150;
        settings.requestTimeout = Duration.ofSeconds(2);
        start(300);
        Random random = new Random(42);
        String[] requests = {STREAM, HEALTH, PUBLISH, HEALTH + STREAM, HEALTH.replace("/observe/health", "/fail"),
                PUBLISH.replace("Content-Length: 10", "Content-Length: 1000"), "no HTTP at all\r\n\r\n"};
        for (int i = 0; i < 1000; i++) {
            try {
                Socket client = connect(i % 2 == 0 ? "127.0.0.1" : "127.0.0.2");
                String request = requests[random.nextInt(requests.length)];
                send(client, random.nextBoolean() ? request : request.substring(0, random.nextInt(request.length())));
                if (clients.size() > random.nextInt(250)) {
                    Socket victim = clients.remove(random.nextInt(clients.size()));
                    if (random.nextBoolean()) {
                        victim.setSoLinger(true, 0); // closes with a reset
                    }
                    victim.close();
                }
            } catch (SocketException e) {
                // this connection was refused, because its address has too many
            }
        }
        assertThat(connections.count()).as("connections that are there").isPositive();
    }

    private Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    private Socket connect(String from) throws IOException {
        Socket client = new Socket();
        clients.add(client);
        client.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        client.connect(new InetSocketAddress("127.0.0.1", server.port()), 10_000);
        client.setSoTimeout(10_000);
        return client;
    }

    private static void send(Socket client, String request) throws IOException {
        client.getOutputStream().write(request.getBytes(ISO_8859_1));
    }

    /** Sends a request and returns the answer, or the beginning of a stream. */
    private static String ask(Socket client, String request) throws IOException {
        send(client, request);
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            int c = client.getInputStream().read();
            assertThat(c).as("the answer's next byte, after: " + answer).isNotNegative();
            answer.append((char) c);
        }
        int length = answer.indexOf("Content-Length: ");
        if (length >= 0) {
            String rest = answer.substring(length + "Content-Length: ".length());
            answer.append(new String(client.getInputStream().readNBytes(Integer.parseInt(rest.substring(0, rest.indexOf("\r")))),
                    ISO_8859_1));
        }
        return answer.toString();
    }
}
