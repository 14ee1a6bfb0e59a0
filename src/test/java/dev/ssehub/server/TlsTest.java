package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.tls.TlsReload;
import dev.ssehub.tracing.Tracing;
import dev.ssehub.transport.LocalTransport;
import java.lang.management.ManagementFactory;
import java.security.cert.X509Certificate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub with TLS, on real sockets. */
class TlsTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger RELOAD = Logger.getLogger(TlsReload.class.getName());

    private static TestCertificate first;
    private static TestCertificate second;

    @TempDir
    private Path folder;
    private TlsFiles files;
    private final Meters meters = new Meters();
    private final TestSettings settings = new TestSettings();
    private Hub hub;
    private HubServer server;

    private final Queue<LogRecord> logged = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logRecord) {
            if (logRecord.getLevel().intValue() >= Level.INFO.intValue()) {
                logged.add(logRecord);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeAll
    static void makeCertificates() throws Exception {
        first = TestCertificate.ec("first");
        second = TestCertificate.rsa("second");
    }

    @BeforeEach
    void listen() throws Exception {
        ROOT.addHandler(handler);
        RELOAD.addHandler(handler);
        RELOAD.setUseParentHandlers(false);
        RELOAD.setLevel(Level.INFO);
        files = first.write(folder);
    }

    @AfterEach
    void stop() {
        ROOT.removeHandler(handler);
        RELOAD.removeHandler(handler);
        RELOAD.setUseParentHandlers(true);
        RELOAD.setLevel(null);
        if (server != null) {
            hub.close();
            server.close();
            assertThat(hub.subscribers()).isZero();
            await().atMost(Duration.ofSeconds(2)).untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName).doesNotContain("tls-reload", "connection-watch"));
        }
    }

    private void start() throws IOException {
        start(LONG);
    }

    private void start(Duration writeTimeout) throws IOException {
        hub = new Hub(new HubSettings(LONG, writeTimeout, new Mailbox.Limits(16, 1 << 20),
                new Limits(100_000, Duration.ofHours(1), 1 << 28)),
                new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system());
        settings.tls = Optional.of(files);
        settings.writeTimeout = writeTimeout;
        server = new HubServer(settings.build(), hub, Cluster.alone(), TestHub.open(), meters, Tracing.NONE, OFTEN,
                System::nanoTime);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void deliversAndReplaysAStream(String protocol) throws Exception {
        start();
        String id;
        try (SseClient client = SseClient.opened(first.client(protocol), server.port(), "/sse")) {
            id = hub.publish(new Update("t", "over " + protocol));
            assertThat(client.nextData()).isEqualTo("over " + protocol);
        }
        await().atMost(Duration.ofSeconds(1)).until(() -> hub.subscribers() == 0);
        hub.publish(new Update("t", "missed"));
        try (SseClient client = new SseClient(first.client(protocol), server.port(), "/sse", "Last-Event-ID: " + id)) {
            assertThat(client.nextData()).isEqualTo("missed");
        }
    }

    @Test
    void noticesAKilledClientAtOnce() throws Exception {
        start();
        SseClient killed = open();
        killed.reset();
        await().atMost(Duration.ofSeconds(1)).until(() -> hub.subscribers() == 0);
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"http/1.1,http/1.1", "h2 http/1.1,http/1.1", "'',''"})
    void agreesOnHttp11(String offered, String agreed) throws Exception {
        start();
        try (SSLSocket socket = connect(first.client())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(offered.isEmpty() ? new String[0] : offered.split(" "));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo(agreed);
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        }
    }

    @Test
    void closesAPlainHttpConnectionAndHarmsNoOtherClient() throws Exception {
        start();
        try (SseClient client = open()) {
            for (int i = 0; i < 20; i++) {
                try (Socket plain = new Socket("localhost", server.port())) {
                    plain.setSoTimeout(5_000);
                    plain.getOutputStream().write("GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
                    assertThat(new String(plain.getInputStream().readAllBytes(), US_ASCII)).doesNotContain("HTTP");
                } catch (SocketException e) {
                    // a reset is an end, too
                }
            }
            hub.publish(new Update("t", "still here"));
            assertThat(client.nextData()).isEqualTo("still here");
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void logsNothingIfAClientVanishesDuringTheHandshake() throws Exception {
        start();
        byte[] beginOfHello = {0x16, 3, 1, 2, 0, 1, 0, 1};
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket socket = new Socket("localhost", server.port());
            socket.getOutputStream().write(beginOfHello);
            if (i % 4 == 0) {
                silent.add(socket);
            } else {
                socket.setSoLinger(i % 4 == 1, 0);
                socket.close();
            }
        }
        try (SseClient client = open()) {
            hub.publish(new Update("t", "still here"));
            assertThat(client.nextData()).isEqualTo("still here");
        }
        assertThat(logged).isEmpty();

        long start = System.nanoTime();
        hub.close();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        for (Socket socket : silent) {
            socket.setSoTimeout(5_000);
            assertThatNoException().isThrownBy(() -> socket.getInputStream().readAllBytes());
            socket.close();
        }
    }

    @Test
    void closesOnlyConnectionsWhoseHandshakeIsLate() throws Exception {
        settings.requestTimeout = Duration.ofMillis(500);
        start();
        try (SseClient client = open();
                Socket silent = new Socket("localhost", server.port());
                Socket rude = new Socket("localhost", server.port())) {
            silent.setSoTimeout(5_000);
            silent.getOutputStream().write(0x16);
            rude.setSoTimeout(5_000);
            rude.getOutputStream().write(hello());
            assertThat(rude.getInputStream().readAllBytes()).as("the server's hello").isNotEmpty();
            assertThat(silent.getInputStream().read()).isNegative();
            await().pollDelay(settings.requestTimeout).until(() -> true); // the time of the client is over, too
            hub.publish(new Update("t", "still here"));
            assertThat(client.nextData()).isEqualTo("still here");
        }
        await().untilAsserted(
                () -> assertThat(new String(meters.scrape(), UTF_8)).contains("{limit=\"request-time\"} 2.0\n"));
        assertThat(logged).isEmpty();
    }

    @Test
    void countsHandshakesByAddressWhileTheyLast() throws Exception {
        settings.host = "127.0.0.1";
        settings.maxConnectionsPerAddress = 10;
        start();
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            silent.add(connect("127.0.0.2"));
            // one after the other, because connections that arrive together can be counted in any order
            int counted = Math.min(silent.size(), 10 + 16);
            await().atMost(Duration.ofSeconds(5)).until(() -> server.connections().count() == counted);
        }
        assertThat(silent.subList(26, 100)).allSatisfy(socket -> assertThat(socket.getInputStream().read()).isNegative());
        try (SseClient client = open()) {
            hub.publish(new Update("t", "another address"));
            assertThat(client.nextData()).isEqualTo("another address");
            assertThat(server.connections().count()).isEqualTo(10 + 16 + 1);
        }
        silent.removeFirst().close();
        await().atMost(Duration.ofSeconds(5)).until(() -> server.connections().count() == 10 + 16 - 1);

        try (SSLSocket surplus = (SSLSocket) first.client().getSocketFactory().createSocket(silent.get(15), "localhost",
                server.port(), true)) {
            surplus.getOutputStream().write("GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(surplus.getInputStream().readAllBytes(), US_ASCII)).startsWith("HTTP/1.1 2")
                    .containsIgnoringCase("connection: close");
        }
        for (Socket socket : silent) {
            socket.close();
        }
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(server.connections().count()).isZero();
            assertThat(server.connections().addresses()).isZero();
            assertThat(server.watch().size()).isZero();
        });
    }

    @Test
    void usesANewCertificateForNewConnectionsAndKeepsOpenStreams() throws Exception {
        start();
        try (SseClient client = open()) {
            second.write(folder);
            await().atMost(Duration.ofSeconds(5)).until(() -> served().equals(second.certificate()));
            hub.publish(new Update("t", "goes on"));
            assertThat(client.nextData()).isEqualTo("goes on");
        }
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(messages(Level.INFO)).singleElement().asString()
                .isEqualTo("new connections get the certificate of CN=second, which expires at "
                        + second.certificate().getNotAfter().toInstant()));
        try (SseClient client = SseClient.opened(second.client(), server.port(), "/sse")) {
            hub.publish(new Update("t", "to the new one"));
            assertThat(client.nextData()).isEqualTo("to the new one");
        }
    }

    /** Kubernetes mounts the files as links into a folder that is a link itself, and replaces this link. */
    @Test
    void noticesALinkThatIsReplaced() throws Exception {
        first.write(Files.createDirectory(folder.resolve("one")));
        second.write(Files.createDirectory(folder.resolve("two")));
        Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("one"));
        files = new TlsFiles(Files.createSymbolicLink(folder.resolve("link.crt"), Path.of("..data/tls.crt")),
                Files.createSymbolicLink(folder.resolve("link.key"), Path.of("..data/tls.key")));
        start();
        assertThat(served()).isEqualTo(first.certificate());

        Path next = Files.createSymbolicLink(folder.resolve("..next"), Path.of("two"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);

        await().atMost(Duration.ofSeconds(5)).until(() -> served().equals(second.certificate()));
    }

    @Test
    void warnsOnceAboutWrongFilesAndKeepsTheOldOnes() throws Exception {
        start();
        String half = second.certificatePem().substring(0, 300);
        Files.writeString(files.certificate(), half);
        awaitWarnings(1);
        Files.writeString(files.certificate(), second.certificatePem());
        awaitWarnings(2);
        Files.delete(files.certificate());
        awaitWarnings(3);
        await().pollDelay(OFTEN.multipliedBy(10)).until(() -> true); // time for further warnings
        String stays = "; the certificate of CN=first stays in use";
        assertThat(messages(Level.WARNING)).satisfiesExactly(
                line -> assertThat(line)
                        .startsWith(
                                "server.tls.certificate: the file " + files.certificate() + " holds a certificate that is broken")
                        .endsWith(stays),
                line -> assertThat(line)
                        .startsWith("server.tls.private-key: the file " + files.privateKey()
                                + " holds a key that does not belong to the certificate in " + files.certificate())
                        .endsWith(stays),
                line -> assertThat(line).isEqualTo("server.tls.certificate: the file " + files.certificate()
                        + " cannot be read: there is no such file" + stays));
        assertThat(served()).isEqualTo(first.certificate());
        assertThat(messages(Level.INFO)).isEmpty();

        second.write(folder);
        await().atMost(Duration.ofSeconds(5)).until(() -> served().equals(second.certificate()));
    }

    private void awaitWarnings(int count) {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(messages(Level.WARNING)).hasSize(count));
    }

    @Test
    void warnsOnceAboutACertificateThatEndsSoon() throws Exception {
        files = TestCertificate.ec("short", Duration.ZERO, Duration.ofDays(10)).write(folder);
        start();
        awaitWarnings(1);
        await().pollDelay(OFTEN.multipliedBy(10)).until(() -> true); // time for further warnings
        assertThat(messages(Level.WARNING)).singleElement().asString()
                .startsWith("the certificate of CN=short expires soon, at ");
    }

    @Test
    void doesNotUseACertificateThatHasEnded() throws Exception {
        start();
        TestCertificate old = TestCertificate.ec("old", Duration.ofDays(-10), Duration.ofDays(5));
        old.write(folder);
        awaitWarnings(1);
        await().pollDelay(OFTEN.multipliedBy(10)).until(() -> true); // time for further warnings
        assertThat(messages(Level.WARNING)).singleElement().asString()
                .isEqualTo("server.tls.certificate: the file " + files.certificate()
                        + " holds a certificate, that of CN=old, that expired at " + old.certificate().getNotAfter().toInstant()
                        + "; the certificate of CN=first stays in use");
        assertThat(served()).isEqualTo(first.certificate());
        assertThat(messages(Level.INFO)).isEmpty();

        second.write(folder);
        await().atMost(Duration.ofSeconds(5)).until(() -> served().equals(second.certificate()));
    }

    @Test
    void usesAFutureCertificateWhenItBecomesValid() throws Exception {
        start();
        TestCertificate early = TestCertificate.ec("early", Duration.ofSeconds(4), Duration.ofDays(90));
        early.write(folder);
        awaitWarnings(1);
        assertThat(served()).isEqualTo(first.certificate());
        Instant begin = early.certificate().getNotBefore().toInstant();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(messages(Level.INFO)).singleElement().asString()
                .startsWith("new connections get the certificate of CN=early"));
        assertThat(Instant.now()).isAfter(begin);
        assertThat(messages(Level.WARNING)).singleElement().asString()
                .isEqualTo("server.tls.certificate: the file " + files.certificate()
                        + " holds a certificate, that of CN=early, that is not valid before " + begin
                        + "; the certificate of CN=first stays in use");
        SseClient.opened(early.client(), server.port(), "/sse").close();
    }

    @ParameterizedTest
    @CsvSource({"-10, expired at", "10, is not valid before"})
    void usesAnInvalidCertificateAtTheStartWithAWarning(int startDays, String told) throws Exception {
        TestCertificate certificate = TestCertificate.ec("wrong", Duration.ofDays(startDays), Duration.ofDays(5));
        files = certificate.write(folder);
        start();
        awaitWarnings(1);
        Date date = startDays < 0 ? certificate.certificate().getNotAfter() : certificate.certificate().getNotBefore();
        assertThat(messages(Level.WARNING)).first().asString()
                .isEqualTo("the certificate of CN=wrong " + told + " " + date.toInstant());
        try (SSLSocket socket = connect(certificate.client())) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerCertificates()).containsExactly(certificate.certificate());
        }
    }

    @Test
    void readsRsaKeysInBothForms() throws Exception {
        byte[] pkcs8 = second.key().getEncoded();
        files = second.write(folder);
        // what PKCS #8 adds to PKCS #1 is 26 bytes for a key of this size
        Files.writeString(files.privateKey(),
                TestCertificate.pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length)));
        start();
        assertThat(served()).isEqualTo(second.certificate());
    }

    /** ACME clients and openssl ecparam write keys in this form. */
    @Test
    void readsEcKeysInTheFormOfSec1() throws Exception {
        String key = "%064x".formatted(((ECPrivateKey) first.key()).getS());
        Files.writeString(files.privateKey(),
                TestCertificate.pem("EC PARAMETERS", HexFormat.of().parseHex("06082a8648ce3d030107"))
                        + TestCertificate.pem("EC PRIVATE KEY",
                                HexFormat.of().parseHex("30310201010420" + key + "a00a06082a8648ce3d030107")));
        start();
        assertThat(served()).isEqualTo(first.certificate());
    }

    @Test
    void cutsOffAClientThatDoesNotReadWithoutDelayingOthers() throws Exception {
        start(Duration.ofSeconds(1));
        String big = "x".repeat(300_000);
        try (SseClient stalled = SseClient.withSmallWindow(first.client(), server.port(), "/sse"); SseClient reads = open()) {
            for (int i = 0; i < 20; i++) {
                hub.publish(new Update("t", i + big));
                assertThat(reads.nextData()).startsWith("" + i);
            }
            await().atMost(Duration.ofSeconds(4)).until(() -> hub.subscribers() == 1);
            stalled.awaitClosed();

            hub.publish(new Update("t", "still here"));
            assertThat(reads.nextData()).isEqualTo("still here");
            await().atMost(Duration.ofSeconds(2)).until(() -> threads() == 1);
        }
    }

    /** The client has read only the beginning of an event, up to the middle of a TLS record. */
    @Test
    void cutsOffAClientThatStallsInTheMiddleOfAnEvent() throws Exception {
        start(Duration.ofSeconds(2));
        try (SSLSocket stalled = connect(first.client()); SseClient reads = open()) {
            stalled.getOutputStream().write("GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
            await().atMost(Duration.ofSeconds(2)).until(() -> hub.subscribers() == 2);
            hub.publish(new Update("t", "x".repeat(4_000_000)));
            assertThat(stalled.getInputStream().readNBytes(100_000)).hasSize(100_000);
            assertThat(reads.nextData()).hasSize(4_000_000);

            await().atMost(Duration.ofSeconds(6)).until(() -> hub.subscribers() == 1);
            await().atMost(Duration.ofSeconds(2)).until(() -> threads() == 1);
            hub.publish(new Update("t", "still here"));
            assertThat(reads.nextData()).isEqualTo("still here");
        }
        assertThat(logged).extracting(LogRecord::getMessage).containsExactly("a stream was cut off");
    }

    @Test
    void cutsStreamsBetweenEventsAndInTimeWhenTheHubCloses() throws Exception {
        start();
        try (SseClient stalled = SseClient.withSmallWindow(first.client(), server.port(), "/sse"); SseClient reads = open()) {
            String big = "x".repeat(300_000);
            for (int i = 0; i < 20; i++) {
                hub.publish(new Update("t", big));
                reads.nextData();
            }
            long start = System.nanoTime();
            hub.close(TestHub.drain(500));
            await().atMost(Duration.ofSeconds(2)).until(() -> hub.subscribers() == 0);
            assertThat(reads.isCutBetweenChunks()).isTrue();
            server.close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(4));
            stalled.awaitClosed();
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void trustsOnlyTheConfiguredCertificateInAHealthCheck() throws Exception {
        start();
        for (String host : List.of("localhost", "127.0.0.1", "0.0.0.0")) {
            HealthProbe.check(host, server.port(), Optional.of(files));
        }
        TlsFiles others = second.write(Files.createDirectory(folder.resolve("others")));
        assertThatIOException().isThrownBy(() -> HealthProbe.check("localhost", server.port(), Optional.of(others)))
                .withMessageContaining("the server has another certificate than server.tls.certificate: that of CN=first");
        assertThatIOException().isThrownBy(() -> HealthProbe.check("localhost", 1, Optional.of(files)))
                .withMessageStartingWith("nobody answers at https://");
        assertThat(HubServer.url("::", 443, true)).isEqualTo("https://localhost:443");
    }

    @Test
    void explainsAHealthCheckWithTheWrongProtocol() throws Exception {
        start();
        assertThatIOException().isThrownBy(() -> HealthProbe.check("localhost", server.port(), Optional.empty()))
                .withMessage("the server at http://127.0.0.1:" + server.port()
                        + "/observe/health/live does not speak HTTP; if it is a "
                        + "hub that speaks TLS, set server.tls.certificate and server.tls.private-key in this configuration, too");
        try (HubServer plain = TestHub.serve(hub, new TestSettings())) {
            assertThatIOException().isThrownBy(() -> HealthProbe.check("localhost", plain.port(), Optional.of(files)))
                    .withMessage("the server at https://127.0.0.1:" + plain.port() + "/observe/health/live does not speak TLS; "
                            + "if it is a hub without TLS, remove server.tls.certificate and server.tls.private-key "
                            + "from this configuration");
        }
    }

    private SseClient open() throws Exception {
        return SseClient.opened(first.client(), server.port(), "/sse");
    }

    private Socket connect(String from) throws IOException {
        Socket tcp = new Socket();
        tcp.bind(new InetSocketAddress(from, 0));
        tcp.connect(new InetSocketAddress("127.0.0.1", server.port()));
        tcp.setSoTimeout(5_000);
        return tcp;
    }

    private SSLSocket connect(SSLContext client) throws IOException {
        Socket tcp = new Socket();
        tcp.setReceiveBufferSize(32 * 1024);
        tcp.setSoTimeout(10_000);
        tcp.connect(new InetSocketAddress("localhost", server.port()));
        return (SSLSocket) client.getSocketFactory().createSocket(tcp, "localhost", server.port(), true);
    }

    /** Returns the first message of a client. */
    private static byte[] hello() throws Exception {
        SSLEngine engine = first.client().createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Returns the certificate that a new connection gets. */
    private X509Certificate served() throws Exception {
        for (TestCertificate each : List.of(first, second)) {
            try (SSLSocket socket = connect(each.client())) {
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            } catch (SSLException e) {
                // the other certificate
            }
        }
        throw new AssertionError("neither the first nor the second");
    }

    /** Returns how many threads wait for a client or write to one. */
    private long threads() throws IOException {
        Path dump = folder.resolve("threads");
        Files.deleteIfExists(dump);
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpThreads(dump.toString(),
                HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        return Pattern.compile("\"(stream|drainer)\" virtual").matcher(Files.readString(dump)).results().count();
    }

    private List<String> messages(Level level) {
        return logged.stream().filter(entry -> entry.getLevel().equals(level))
                .filter(entry -> RELOAD.getName().equals(entry.getLoggerName())).map(LogRecord::getMessage).toList();
    }
}
