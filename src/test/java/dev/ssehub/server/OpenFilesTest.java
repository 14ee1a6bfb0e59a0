package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.Token;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.transport.LocalTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The file of a connection is closed, however the connection ends, with and without TLS. The system lists the open files. */
class OpenFilesTest {
    private static final int MANY = 12;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String HEALTH = "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n";
    private static final String STREAM = "GET /sse HTTP/1.1\r\nHost: localhost\r\n";

    private static final String FATAL_ALERT = "\u0015\u0003\u0001\u0000\u0002\u0002\u0028";

    private static TestCertificate certificate;

    private enum Protocol {
        PLAIN, TLS_1_2, TLS_1_3;

        SSLContext client(TestCertificate trusted) throws Exception {
            return trusted.client(this == TLS_1_2 ? "TLSv1.2" : "TLSv1.3");
        }
    }

    /** The ways in which a client can leave. */
    private enum Farewell {
        POLITE, SILENT, RESET
    }

    private record Client(Socket tcp, Socket socket) {
        void ask(String head) throws IOException {
            socket.getOutputStream().write((head + "\r\n").getBytes(ISO_8859_1));
        }

        void readUntil(String end) throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            while (text.indexOf(end) < 0) {
                int next = in.read();
                assertThat(next).as("what comes after: " + text).isNotNegative();
                text.append((char) next);
            }
        }

        void leave(Farewell farewell) throws IOException {
            switch (farewell) {
                case POLITE -> socket.close();
                case SILENT -> tcp.close();
                case RESET -> {
                    tcp.setSoLinger(true, 0);
                    tcp.close();
                }
            }
        }
    }

    /** Accepts tokens that grant what everyone may do and expire soon. */
    private record ShortTokens(Authorizer others) implements Authorizer {
        @Override
        public Grant anonymous() {
            return others.anonymous();
        }

        @Override
        public Authorizer withAnonymous(Grant another) {
            return new ShortTokens(others.withAnonymous(another));
        }

        @Override
        public Token publisher(String text) {
            return new Token(Grant.NONE, Optional.of(Instant.now().plusSeconds(2)), Optional.empty(), Optional.empty(), text,
                    Optional.empty(), "key");
        }

        @Override
        public Token subscriber(String text) {
            return publisher(text);
        }

        @Override
        public boolean takesTokens() {
            return true;
        }

        @Override
        public void close() {}
    }

    @TempDir
    private Path folder;
    private final TestSettings settings = new TestSettings();
    private final List<Client> clients = new ArrayList<>();
    private Duration writeTimeout = LONG;
    private @Nullable SSLContext tls;
    private Hub hub;
    private HubServer server;
    private Set<Path> before;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = TestCertificate.ec("hub");
    }

    @AfterEach
    void stop() throws IOException {
        for (Client client : clients) {
            client.tcp().close();
        }
        hub.close();
        server.close();
    }

    private void start(Protocol protocol) throws Exception {
        if (protocol != Protocol.PLAIN) {
            settings.tls = Optional.of(certificate.write(folder));
            tls = protocol.client(certificate);
        }
        settings.host = "127.0.0.1";
        settings.writeTimeout = writeTimeout;
        hub = new Hub(new HubSettings(LONG, writeTimeout, new Mailbox.Limits(1_000, 1 << 26),
                new Limits(10, Duration.ofHours(1), 1 << 20)), new LocalTransport(InstantSource.system()),
                new NoMetrics(), InstantSource.system());
        server = HubServer.start(settings.build(), hub, new ShortTokens(TestHub.open()), new Meters());
        before = sockets();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAConnectionThatAnAnswerEnds(Protocol protocol) throws Exception {
        start(protocol);
        for (int i = 0; i < MANY; i++) {
            Client client = connect();
            client.ask(HEALTH + "Connection: close\r\n");
            assertThat(client.socket().getInputStream().readAllBytes()).startsWith("HTTP/1.1 2".getBytes(ISO_8859_1));
        }
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheFileOfAConnectionUntilTheClientLeaves(Protocol protocol) throws Exception {
        start(protocol);
        for (int i = 0; i < MANY; i++) {
            Client client = connect();
            client.ask(HEALTH);
            client.readUntil("\r\n\r\n");
        }
        assertThat(opened()).isEqualTo(2 * MANY);
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAStreamThatTheClientLeaves(Protocol protocol) throws Exception {
        start(protocol);
        openStreams();
        assertThat(opened()).isEqualTo(2 * MANY);
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAStreamThatEndsWithTheHub(Protocol protocol) throws Exception {
        start(protocol);
        openStreams();
        hub.close(TestHub.drain(10_000));
        awaitEnds(": restart\n\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAStreamThatEndsWithItsToken(Protocol protocol) throws Exception {
        start(protocol);
        openStreams("Authorization: Bearer x\r\n");
        awaitEnds("\r\n0\r\n\r\n");
    }

    private void awaitEnds(String end) throws IOException {
        for (Client client : clients) {
            client.readUntil(end);
            assertThat(client.socket().getInputStream().read()).isNegative();
        }
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAStreamWhoseClientIsTooSlow(Protocol protocol) throws Exception {
        writeTimeout = Duration.ofSeconds(1);
        start(protocol);
        openStreams();
        String big = "x".repeat(300_000);
        for (int i = 0; i < 20; i++) {
            hub.publish(new Update("t", big));
        }
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfAConnectionThatKeepsTheServerWaiting(Protocol protocol) throws Exception {
        settings.requestTimeout = Duration.ofMillis(1_500); // the handshakes that shall succeed have no more time, either
        settings.idleTimeout = Duration.ofMillis(500);
        start(protocol);
        for (int i = 0; i < MANY; i++) {
            switch (i % 3) {
                case 0 -> clients.add(silent(connectTcp("127.0.0.1")));
                case 1 -> connect().socket().getOutputStream().write("GET /".getBytes(ISO_8859_1));
                default -> {
                    Client idle = connect();
                    idle.ask(HEALTH);
                    idle.readUntil("\r\n\r\n");
                }
            }
        }
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesTheFileOfOneConnectionTooMany(Protocol protocol) throws Exception {
        settings.maxConnectionsPerAddress = 1;
        start(protocol);
        for (int i = 0; i < 2 * MANY; i++) {
            clients.add(silent(connectTcp("127.0.0.2")));
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> opened() == 2 * MANY + server.connections().count());
        assertThat(server.connections().count()).isLessThan(2 * MANY);
        allLeave();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void closesTheFileOfAFailedHandshake(Protocol protocol) throws Exception {
        start(protocol);
        SSLContext distrustful = protocol.client(TestCertificate.ec("other"));
        for (int i = 0; i < MANY; i++) {
            Client client = silent(connectTcp("127.0.0.1"));
            clients.add(client);
            switch (i % 4) {
                case 0 -> client.ask(HEALTH);
                case 1 -> client.ask(FATAL_ALERT);
                case 2 -> client.socket().shutdownOutput();
                default -> {
                    assertThatExceptionOfType(SSLException.class)
                            .isThrownBy(() -> layer(distrustful, client.tcp()).startHandshake());
                    clients.remove(client); // the failed handshake has closed its socket
                }
            }
        }
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    @ParameterizedTest
    @EnumSource
    void closesAllFilesWhenTheServerStops(Protocol protocol) throws Exception {
        start(protocol);
        openStreams();
        for (int i = 0; i < MANY; i++) {
            Client client = connect();
            client.ask(HEALTH);
            client.readUntil("\r\n\r\n");
            clients.add(silent(connectTcp("127.0.0.1")));
        }
        hub.close();
        server.close();
        awaitThatOnlyClientsHaveFiles();
        allLeave();
    }

    private void openStreams(String... headers) throws IOException {
        for (int i = 0; i < MANY; i++) {
            Client client = connect();
            client.ask(STREAM + String.join("", headers));
            client.readUntil(": sse-hub\n");
        }
    }

    private Client connect() throws IOException {
        Socket tcp = connectTcp("127.0.0.1");
        Client client = tls == null ? silent(tcp) : new Client(tcp, layer(tls, tcp));
        clients.add(client);
        return client;
    }

    private SSLSocket layer(SSLContext context, Socket tcp) throws IOException {
        return (SSLSocket) context.getSocketFactory().createSocket(tcp, "localhost", server.port(), true);
    }

    private static Client silent(Socket tcp) {
        return new Client(tcp, tcp);
    }

    private Socket connectTcp(String from) throws IOException {
        Socket tcp = new Socket();
        tcp.setReceiveBufferSize(32 * 1024);
        tcp.setSoTimeout(10_000);
        tcp.bind(new InetSocketAddress(from, 0));
        tcp.connect(new InetSocketAddress("127.0.0.1", server.port()));
        return tcp;
    }

    private void awaitThatOnlyClientsHaveFiles() {
        awaitOpened(clients.size());
    }

    private void allLeave() throws IOException {
        for (int i = 0; i < clients.size(); i++) {
            clients.get(i).leave(Farewell.values()[i % Farewell.values().length]);
        }
        awaitOpened(0);
    }

    private void awaitOpened(int expected) {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(opened()).isEqualTo(expected));
    }

    /** Returns how many sockets of clients and server were opened since the server started. */
    private int opened() throws IOException {
        Set<Path> now = sockets();
        now.removeAll(before);
        return now.size();
    }

    private static Set<Path> sockets() throws IOException {
        Set<Path> sockets = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path file : files) {
                try {
                    Path name = Files.readSymbolicLink(file);
                    if (name.toString().startsWith("socket:")) {
                        sockets.add(name);
                    }
                } catch (NoSuchFileException e) {
                    // was closed in the meantime
                }
            }
        }
        return sockets;
    }
}
