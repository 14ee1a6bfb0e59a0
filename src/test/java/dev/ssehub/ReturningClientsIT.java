package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many clients come back at once, each with a topic of its own, to a hub with a large history. Not part of the build, because it
 * measures time: {@code mvn -Pstress -Dit.test=ReturningClientsIT verify}.
 */
@Tag("stress")
class ReturningClientsIT {
    private static final int TOPICS = Integer.getInteger("stress.topics", 100_000);
    private static final int EVENTS = 10;
    private static final int CLIENTS = Integer.getInteger("stress.clients", 10_000);
    private static final int PUBLISHERS = 16;
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;
    private Process hub;
    private int port;

    @AfterEach
    void stop() throws InterruptedException {
        hub.destroyForcibly().waitFor();
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "file"})
    void eachReceivesWhatItHasMissed(String history) throws Exception {
        String[] file = history.equals("file")
                ? new String[]{"-Dsse-hub.history.file=" + folder.resolve("hub.db")}
                : new String[0];
        start(file);
        publish();
        if (file.length > 0) {
            hub.destroyForcibly().waitFor();
            start(file);
        }
        for (int round = 1; round <= ROUNDS; round++) {
            comeBack(history + ", round " + round);
        }
    }

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@config/jvm.options", "-Xmx1g", "-Dserver.port=0", "-Dsse-hub.publish.anonymous-topics=*",
                "-Dsse-hub.publish.max-rate-per-address=1000000", "-Dsse-hub.limits.max-connections-per-address=15000",
                "-Dsse-hub.history.max-events=2000000", "-Dsse-hub.history.max-bytes=1GiB", "-Dsse-hub.history.max-age=1d"));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", "target/sse-hub.jar"));
        hub = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader log = hub.inputReader();
        port = JarIT.awaitListening(log);
        Thread.ofVirtual().start(() -> log.lines().forEach(line -> System.out.println("  hub: " + line)));
    }

    private void publish() throws Exception {
        AtomicInteger next = new AtomicInteger();
        inParallel(PUBLISHERS, _ -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                BufferedReader answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
                for (int i = next.getAndIncrement(); i < TOPICS * EVENTS; i = next.getAndIncrement()) {
                    String body = "topic=run/" + i % TOPICS + "&data=" + "x".repeat(100);
                    socket.getOutputStream()
                            .write(("POST /sse HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(US_ASCII));
                    assertThat(answers.readLine()).isEqualTo("HTTP/1.1 200 OK");
                    int length = 0;
                    for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
                        length = line.toLowerCase(Locale.ROOT).startsWith("content-length:")
                                ? Integer.parseInt(line.substring(15).strip())
                                : length;
                    }
                    answers.skip(length);
                }
            }
        });
    }

    private void comeBack(String name) throws Exception {
        List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
        inParallel(50, _ -> {
            for (int i = 0; i < CLIENTS / 50; i++) {
                sockets.add(new Socket("127.0.0.1", port));
            }
        });
        List<Long> ticks = Collections.synchronizedList(new ArrayList<>());
        try (Socket clock = new Socket("127.0.0.1", port)) {
            Thread.ofPlatform().daemon().start(() -> readData(clock, "time", "", Integer.MAX_VALUE, ticks));
            long begin = System.nanoTime();
            inParallel(CLIENTS, i -> {
                List<Long> times = new ArrayList<>();
                readData(sockets.get(i), "run/" + i * 7 % TOPICS, "&lastEventID=earliest", EVENTS, times);
                assertThat(times).hasSize(EVENTS);
                sockets.get(i).close();
            });
            System.out.printf("%s: %,d clients have their %d events after %,d ms; the ticks were up to %d ms late%n", name,
                    CLIENTS,
                    EVENTS, Duration.ofNanos(System.nanoTime() - begin).toMillis(), lateness(ticks));
        }
    }

    private static long lateness(List<Long> ticks) {
        return IntStream.range(1, ticks.size()).mapToLong(i -> (ticks.get(i) - ticks.get(i - 1)) / 1_000_000 - 1_000).max()
                .orElse(0);
    }

    /** Subscribes and reads events. Adds the time at which each arrives. */
    private static void readData(Socket socket, String topic, String query, int count, List<Long> times) {
        try {
            socket.getOutputStream()
                    .write(("GET /sse?topic=" + topic + query + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(US_ASCII));
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII), 2_048);
            for (String line = lines.readLine(); line != null && times.size() < count; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    times.add(System.nanoTime());
                }
                assertThat(line).isNotEqualTo("event: gap");
            }
        } catch (IOException e) {
            if (count < Integer.MAX_VALUE) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private interface Task {
        void run(int number) throws IOException;
    }

    private static void inParallel(int threads, Task task) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> results = IntStream.range(0, threads).mapToObj(i -> executor.submit((Callable<Void>) () -> {
                task.run(i);
                return null;
            })).toList();
            for (Future<Void> result : results) {
                result.get();
            }
        }
    }
}
