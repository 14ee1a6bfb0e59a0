package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each test attacks a hub in a different way for 20 seconds, and measures how late another client receives the ticks and the answers
 * to health checks. Not part of the build, because it measures time: {@code mvn -Pstress verify}.
 */
@Tag("stress")
class StressIT {
    private static final Duration ATTACK = Duration.ofSeconds(Integer.getInteger("stress.seconds", 20));
    private static final Duration MAX_DELAY = Duration.ofMillis(250);
    private static final String FORM = "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    private static final String MEBIBYTE = "x".repeat(1 << 20);

    private final List<Thread> attackers = new ArrayList<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();
    private final LongAdder ended = new LongAdder();
    private volatile boolean attacks = true;
    private Process hub;
    private int port;
    private String attack;

    @TempDir
    private Path folder;

    /** One step of an attacker, which repeats it for as long as the attack lasts. */
    private interface Step {
        void run() throws Exception;
    }

    @BeforeEach
    void name(TestInfo test) {
        attack = test.getDisplayName();
    }

    @AfterEach
    void stop() throws Exception {
        endAttack();
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
    }

    private void endAttack() throws Exception {
        attacks = false;
        for (Socket socket : sockets) {
            socket.close();
        }
        for (Thread attacker : attackers) {
            attacker.join();
        }
    }

    @Test
    void templatesThatAreSlowToMatch() throws Exception {
        start();
        openTemplates(300);
        String topics = IntStream.range(0, 20).mapToObj(i -> "topic=/orders/" + encode("\u20ac".repeat(990) + i))
                .collect(Collectors.joining("&"));
        attack(10, post(topics + "&data=1"));
        measure();
    }

    @Test
    void largeEventsThatWaitForTemplates() throws Exception {
        start();
        openTemplates(150);
        attack(100, post("topic=/orders/" + encode("\u20ac".repeat(990)) + "&data=" + MEBIBYTE.substring(20_000)));
        measure();
    }

    @Test
    void largeEvents() throws Exception {
        start();
        attack(40, post("topic=large&data=" + MEBIBYTE.substring(100)));
        measure();
    }

    @Test
    void requestsBeforeTheAnswer() throws Exception {
        start();
        byte[] requests = "GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000).getBytes(ISO_8859_1);
        for (int i = 0; i < 50; i++) {
            Socket socket = connect("127.0.0.1");
            repeat(() -> socket.getOutputStream().write(requests));
            repeat(() -> discard(socket));
        }
        measure();
    }

    @Test
    void bodiesSentWithoutWaitingForContinue() throws Exception {
        start();
        String hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
        for (String route : List.of("POST /sse", "POST /.well-known/mercure", "GET /observe/health", "GET /static/index.html",
                "GET /observe/metrics", "POST /nowhere", "PUT /sse")) {
            byte[] request = (route + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " + hidden.length()
                    + "\r\n\r\n" + hidden).getBytes(ISO_8859_1);
            repeat(() -> {
                try (Socket socket = connect("127.0.0.1")) {
                    socket.getOutputStream().write(request);
                    String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
                    count(all.split("HTTP/1.1 [2-5]").length > 2 ? "the body was taken for a request" : "one answer");
                }
            });
        }
        measure();
        assertThat(answers).containsKey("one answer").doesNotContainKey("the body was taken for a request");
    }

    @Test
    void manyFields() throws Exception {
        start();
        String names = IntStream.range(0, 998).mapToObj(i -> "n".repeat(190) + i + "=" + "v".repeat(800))
                .collect(Collectors.joining("&"));
        attack(20, post("topic=fields&data=1&" + names));
        String query = IntStream.range(0, 999).mapToObj(i -> "f" + i + "=1").collect(Collectors.joining("&"));
        attack(20, bytes("GET /sse?topic=t&topic=t&last=1&" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        measure();
    }

    @Test
    void manySteadyReaders() throws Exception {
        start();
        int readers = 560;
        AtomicBoolean pause = new AtomicBoolean();
        for (int i = 0; i < readers; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(32 * 1024);
            socket.connect(new InetSocketAddress("localhost", port));
            sockets.add(socket);
            socket.getOutputStream()
                    .write(("GET /sse?topic=steady" + i + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(UTF_8));
            byte[] piece = new byte[4_400];
            attackers.add(Thread.ofVirtual().start(() -> {
                try {
                    while (attacks) {
                        if (!pause.get() && socket.getInputStream().readNBytes(piece, 0, piece.length) < piece.length) {
                            ended.increment();
                            return;
                        }
                        Thread.sleep(100); // the pace of a steady reader, 44 KB/s
                    }
                } catch (IOException | InterruptedException e) {
                    if (attacks) {
                        ended.increment();
                    }
                }
            }));
        }
        AtomicInteger next = new AtomicInteger();
        String data = "&data=" + "x".repeat(60_000);
        for (int i = 0; i < 10; i++) {
            Socket socket = connect("127.0.0.1");
            repeat(() -> count(ask(socket, post("topic=steady" + next.getAndIncrement() % readers + data))));
        }
        attackers.add(Thread.ofPlatform().start(() -> {
            LockSupport.parkNanos(ATTACK.dividedBy(3).toNanos());
            pause.set(true);
            LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
            pause.set(false);
        }));
        measure();
        assertThat(ended.sum()).as("readers that were cut off").isZero();
    }

    @Test
    void stalledClientsOfASmallHub() throws Exception {
        start("-Xms64m", "-Xmx64m", "-Xmn16m");
        List<SseClient> stalled = new ArrayList<>(); // an unreachable socket would be closed
        for (int i = 0; i < 300; i++) {
            stalled.add(SseClient.withSmallWindow(port, "/sse?topic=stalled" + i));
        }
        AtomicInteger next = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            Socket socket = connect("127.0.0.1");
            repeat(() -> count(ask(socket,
                    post("topic=stalled" + next.getAndIncrement() % stalled.size() + "&data=" + MEBIBYTE.substring(100)))));
        }
        measure();
    }

    @Test
    void handshakesThatAreBegun() throws Exception {
        SSLContext tls = startWithTls();
        SSLEngine engine = tls.createSSLEngine();
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] first = Arrays.copyOf(hello.array(), hello.position());
        for (int i = 0; i < 200; i++) {
            String from = "127.0.0." + (2 + i % 10);
            repeat(() -> {
                try (Socket socket = connect(from)) {
                    socket.getOutputStream().write(first);
                    count(socket.getInputStream().read() < 0 ? "closed" : "answered");
                }
            });
        }
        measure(tls);
    }

    @Test
    void openStreamsThatSend() throws Exception {
        SSLContext tls = startWithTls();
        for (int i = 0; i < 20; i++) {
            repeat(() -> {
                try (Socket tcp = connect("127.0.0.1");
                        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(tcp, "localhost", port, true)) {
                    socket.setEnabledProtocols(new String[]{ThreadLocalRandom.current().nextBoolean() ? "TLSv1.2" : "TLSv1.3"});
                    socket.getOutputStream().write("GET /sse?topic=quiet HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
                    for (int n = 0; n < 10_000; n++) {
                        socket.startHandshake(); // a renegotiation with TLS 1.2, a key update with TLS 1.3
                    }
                    socket.setSoTimeout(5_000);
                    while (socket.getInputStream().read() >= 0) {
                        // read what the hub has sent before
                    }
                    count("ended");
                } catch (SocketTimeoutException e) {
                    count("accepted");
                } catch (IOException e) {
                    count("ended");
                }
            });
        }
        measure(tls);
        assertThat(answers).containsKey("ended").doesNotContainKey("accepted");
    }

    private SSLContext startWithTls() throws Exception {
        TestCertificate certificate = TestCertificate.ec("stress");
        var files = certificate.write(folder);
        start("-Dserver.tls.certificate=" + files.certificate(), "-Dserver.tls.private-key=" + files.privateKey());
        return certificate.client();
    }

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@config/jvm.options", "-Dserver.port=0", "-Dsse-hub.publish.anonymous-topics=*",
                "-Dsse-hub.publish.max-rate-per-address=1000000", "-Dsse-hub.feeds.time.interval=100ms"));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", "target/sse-hub.jar"));
        hub = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader log = hub.inputReader();
        port = JarIT.awaitListening(log);
        Thread.ofVirtual().start(() -> log.lines().forEach(line -> System.out.println("  hub: " + line)));
    }

    private void openTemplates(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            String template = "/orders/{a:%d}".formatted(5 + i) + "{b:5}".repeat(19);
            SseClient stream = SseClient.opened(port, "/sse?topic=" + encode(template));
            attackers.add(Thread.ofPlatform().start(() -> {
                try {
                    while (attacks) {
                        nextFrame(stream);
                    }
                } catch (IOException e) {
                    ended.increment();
                }
            }));
        }
    }

    private static void nextFrame(SseClient stream) throws IOException {
        try {
            stream.nextFrame();
        } catch (SocketTimeoutException e) {
            // nothing was published to this topic
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private static byte[] post(String body) {
        return ("POST /sse HTTP/1.1\r\n" + FORM + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(ISO_8859_1);
    }

    private static byte[] bytes(String request) {
        return request.getBytes(ISO_8859_1);
    }

    private void attack(int connections, byte[] request) throws IOException {
        for (int i = 0; i < connections; i++) {
            AtomicReference<Socket> socket = new AtomicReference<>(connect("127.0.0.1"));
            repeat(() -> {
                try {
                    count(ask(socket.get(), request));
                } catch (IOException e) {
                    count("closed");
                    socket.set(connect("127.0.0.1"));
                }
            });
        }
    }

    private void repeat(Step step) {
        attackers.add(Thread.ofPlatform().start(() -> {
            while (attacks) {
                try {
                    step.run();
                } catch (Exception e) {
                    count(e.getClass().getSimpleName());
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }));
    }

    private void count(String answer) {
        answers.computeIfAbsent(answer, _ -> new LongAdder()).increment();
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        sockets.add(socket);
        return socket;
    }

    /** Sends a request and returns the status of the answer. */
    private static String ask(Socket socket, byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        byte[] answer = new byte[4096];
        int length = socket.getInputStream().read(answer);
        if (length < 12) {
            throw new EOFException();
        }
        return new String(answer, 9, 3, ISO_8859_1);
    }

    private static void discard(Socket socket) throws IOException {
        if (socket.getInputStream().read(new byte[64 * 1024]) < 0) {
            throw new EOFException();
        }
    }

    private void measure() throws Exception {
        measure(SseClient.opened(port, "/sse?topic=time"), () -> new Socket("localhost", port));
    }

    private void measure(SSLContext tls) throws Exception {
        measure(SseClient.opened(tls, port, "/sse?topic=time"), () -> tls.getSocketFactory().createSocket("localhost", port));
    }

    /**
     * Receives ticks and asks for the health of the hub during the attack. The id of an event says when the hub published it.
     *
     * @param connect opens a connection for a health check
     */
    private void measure(SseClient ticks, Callable<Socket> connect) throws Exception {
        long end = System.nanoTime() + ATTACK.toNanos();
        List<Long> health = Collections.synchronizedList(new ArrayList<>());
        repeat(() -> {
            long start = System.nanoTime();
            try (Socket socket = connect.call()) {
                assertThat(ask(socket, bytes("GET /observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n"))).isEqualTo("200");
            }
            health.add((System.nanoTime() - start) / 1_000_000);
            LockSupport.parkNanos(100_000_000);
        });
        List<Long> delays = new ArrayList<>();
        Pattern id = Pattern.compile("id: (\\d+)-\\d+\n");
        while (System.nanoTime() < end) {
            Matcher tick = id.matcher(ticks.nextFrame());
            if (tick.lookingAt()) {
                delays.add(System.currentTimeMillis() - Long.parseLong(tick.group(1)));
            }
        }
        String counted = answers.toString();
        endAttack();
        ticks.close();

        assertThat(hub.isAlive()).isTrue();
        assertThat(delays.size()).as("ticks").isGreaterThan((int) (ATTACK.toMillis() / 200));
        assertThat(health).isNotEmpty();
        System.out.println(
                attack + ": ticks " + summary(delays) + "; health checks " + summary(health) + "; streams ended: " + ended.sum()
                        + "; answers: " + counted);
        assertThat(percentile(delays)).isLessThan(MAX_DELAY.toMillis());
    }

    private static String summary(List<Long> millis) {
        return "%d, p99 %d ms, longest %d ms".formatted(millis.size(), percentile(millis), Collections.max(millis));
    }

    private static long percentile(List<Long> millis) {
        return millis.stream().sorted().skip(millis.size() * 99L / 100).findFirst().orElseThrow();
    }
}
