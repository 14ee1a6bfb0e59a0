package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients send one request after the other, as fast as they can. No other client may notice. */
class BusyClientsTest {
    /** On a busy machine, two ticks may take longer. */
    private static final Duration PROMPT = Duration.ofSeconds(1);
    private static final int TICKS = 20;
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create(100, 8 << 20);
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> clients = new ArrayList<>();
    /** How many answers, or bytes of answers, the clients have received. */
    private final LongAdder answers = new LongAdder();
    private volatile boolean ends;
    private HubServer server;

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws Exception {
        ends = true;
        for (Socket socket : List.copyOf(sockets)) {
            socket.close();
        }
        for (Thread client : clients) {
            client.join();
        }
        hub.close();
        if (server != null) {
            server.close();
        }
    }

    @Test
    void ticksAreOnTimeWhileClientsSendTheNextRequestBeforeTheAnswer() throws Exception {
        start();
        byte[] requests = "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(500).getBytes(ISO_8859_1);
        for (int i = 0; i < 4 * CORES; i++) {
            Socket socket = connect();
            clients.add(Thread.ofPlatform().start(() -> discardAnswers(socket)));
            clients.add(Thread.ofPlatform().start(() -> send(socket, requests)));
        }
        assertTicksAreOnTime();
    }

    @Test
    void ticksAreOnTimeWhileClientsPublishLargeEvents() throws Exception {
        start();
        byte[] body = ("topic=large&data=" + "x".repeat(1_000_000)).getBytes(ISO_8859_1);
        byte[] head = ("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n").getBytes(ISO_8859_1);
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head);
        request.writeBytes(body);
        for (int i = 0; i < 40; i++) {
            Socket socket = connect();
            clients.add(Thread.ofPlatform().start(() -> sendAndAwait(socket, request.toByteArray())));
        }
        assertTicksAreOnTime();
    }

    /** Each connection sends the same first message of a handshake, which takes the hub much more time than the client. */
    @Test
    void ticksAreOnTimeWhileClientsBeginHandshakes() throws Exception {
        TestCertificate certificate = TestCertificate.ec("busy");
        settings.tls = Optional.of(certificate.write(folder));
        SSLContext tls = certificate.client();
        start();
        SSLEngine engine = tls.createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] handshake = Arrays.copyOf(hello.array(), hello.position());
        try (SseClient ticks = SseClient.opened(tls, server.port(), "/sse?topic=tick")) {
            for (int i = 0; i < 100; i++) {
                String from = "127.0.0." + (2 + i % 5);
                clients.add(Thread.ofPlatform().start(() -> beginHandshakes(from, handshake)));
            }
            assertAreOnTime(ticks);
        }
    }

    private void beginHandshakes(String from, byte[] handshake) {
        while (!ends) {
            try (Socket socket = new Socket()) {
                socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
                socket.connect(new InetSocketAddress("localhost", server.port()));
                sockets.add(socket);
                socket.getOutputStream().write(handshake);
                if (socket.getInputStream().read() >= 0) {
                    answers.increment();
                }
            } catch (IOException e) {
                // the test has ended, or this address has too many connections
            }
        }
    }

    private void start() throws IOException {
        settings.maxPendingSize = 32 << 20;
        server = HubServer.start(settings.build(), hub, TestHub.open("*"), new Meters());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("localhost", server.port());
        sockets.add(socket);
        return socket;
    }

    private void send(Socket socket, byte[] requests) {
        try {
            while (true) {
                socket.getOutputStream().write(requests);
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private void discardAnswers(Socket socket) {
        byte[] buffer = new byte[64 * 1024];
        try {
            for (int read = 0; read >= 0; read = socket.getInputStream().read(buffer)) {
                answers.add(read);
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private void sendAndAwait(Socket socket, byte[] request) {
        byte[] buffer = new byte[64 * 1024];
        try {
            while (true) {
                socket.getOutputStream().write(request);
                int read = socket.getInputStream().read(buffer);
                if (read > 12 && new String(buffer, 0, 12, ISO_8859_1).equals("HTTP/1.1 200")) {
                    answers.increment();
                }
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private void assertTicksAreOnTime() throws Exception {
        try (SseClient ticks = SseClient.opened(server.port(), "/sse?topic=tick")) {
            assertAreOnTime(ticks);
        }
    }

    private void assertAreOnTime(SseClient ticks) throws Exception {
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < TICKS; i++) {
            long start = System.nanoTime();
            hub.publish(new Update("tick", "now"));
            assertThat(ticks.nextData()).isEqualTo("now");
            delays.add(Duration.ofNanos(System.nanoTime() - start));
            LockSupport.parkNanos(50_000_000);
        }
        assertThat(answers.sum()).isPositive();
        delays.sort(null);
        assertThat(delays.get(TICKS - 3)).as("all delays: " + delays).isLessThan(PROMPT);
    }
}
