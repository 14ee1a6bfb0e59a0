package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestPort;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub with a file for the past, which is killed under load and started again: a real process with real clients. */
class KilledHubIT {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final int TOPICS = 46;
    private static final int SUBSCRIBERS = 200;
    /** A publisher waits so long after each answer. */
    private static final Duration PAUSE = Duration.ofMillis(1);

    @TempDir
    private Path folder;
    private final int port = TestPort.free();
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final LongAdder unanswered = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private volatile boolean publishes = true;
    private volatile boolean subscribes = true;
    private Process hub;

    @AfterEach
    void stop() throws Exception {
        publishes = false;
        subscribes = false;
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void aHubThatIsKilledUnderLoadLosesAndRepeatsNothing() throws Exception {
        killUnderLoad(3, Duration.ofMillis(900));
    }

    /** {@code mvn -Pstress verify -Dit.test=KilledHubIT} */
    @Test
    @Tag("stress")
    void aHubThatIsKilledOftenUnderLoadLosesAndRepeatsNothing() throws Exception {
        killUnderLoad(Integer.getInteger("stress.kills", 50), Duration.ofSeconds(2));
    }

    private void killUnderLoad(int kills, Duration latest) throws Exception {
        start();
        subscribe();
        for (int i = 0; i < 3; i++) {
            int publisher = i;
            threads.add(Thread.ofPlatform().start(() -> publish(publisher)));
        }
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(100_000_000, latest.toNanos()));
            hub.destroyForcibly().waitFor(); // SIGKILL
            long start = System.nanoTime();
            start();
            starts.add((System.nanoTime() - start) / 1_000_000);
        }
        LockSupport.parkNanos(300_000_000);
        assertThat(refusalOfASecondHub()).isEqualTo("1 sse-hub: the file " + file() + " is in use by another hub\n");
        hub.toHandle().destroy(); // SIGTERM
        assertThat(hub.waitFor(20, TimeUnit.SECONDS)).isTrue();
        start();
        LockSupport.parkNanos(300_000_000);
        publishes = false;

        check();
        System.out.println(kills + " times killed: " + acknowledged.size() + " events acknowledged, " + unanswered.sum()
                + " not answered, " + connections.sum() + " connections of " + SUBSCRIBERS + " subscribers, longest start "
                + Collections.max(starts) + " ms");
    }

    private void check() throws Exception {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> threads.stream().noneMatch(thread -> !thread.isVirtual() && thread.isAlive()));
        List<String> held = readAll();
        assertThat(held).doesNotHaveDuplicates().containsAll(acknowledged);
        for (Subscriber subscriber : subscribers) {
            List<String> wanted = held.stream().filter(subscriber.wants).toList();
            await().atMost(Duration.ofSeconds(30)).until(() -> subscriber.received.size() >= wanted.size() || !faults.isEmpty());
            assertThat(faults).isEmpty();
            assertThat(List.copyOf(subscriber.received)).as(subscriber.selector).isEqualTo(wanted);
        }
        subscribes = false;
        hub.destroyForcibly().waitFor();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            assertThat(number(statement, "SELECT count(*) FROM event")).isEqualTo(held.size());
            assertThat(number(statement, "SELECT count(*) FROM past")).isEqualTo(held.size());
            try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(check.getString(1)).isEqualTo("ok");
            }
        }
        assertThat(log).noneMatch(line -> line.contains("dev.ssehub.history"));
        assertThat(unanswered.sum()).isPositive();
    }

    private static long number(Statement statement, String query) throws Exception {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.getLong(1);
        }
    }

    /** Returns what the log holds: the data of all events. */
    private List<String> readAll() throws Exception {
        URI uri = URI.create("http://localhost:" + port + "/sse?topic=*&live=false&lastEventID=earliest");
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<String> lines = client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofLines()).body()
                    .toList();
            assertThat(lines).doesNotContain("event: gap").contains(": end");
            return lines.stream().filter(line -> line.startsWith("data: ")).map(line -> line.substring(6)).toList();
        }
    }

    private static Optional<String> data(String frame) {
        return frame.lines().filter(line -> line.startsWith("data: ")).map(line -> line.substring(6)).findFirst();
    }

    private Path file() {
        return folder.resolve("hub.db");
    }

    private List<String> command(String... options) {
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(List.of("-Dserver.port=" + port, "-Dsse-hub.history.file=" + file(),
                "-Dsse-hub.history.max-events=1000000", "-Dsse-hub.history.max-bytes=1GiB",
                "-Dsse-hub.publish.anonymous-topics=*", "-Dsse-hub.publish.max-rate-per-address=100000",
                "-Dsse-hub.drain.timeout=3s", "-Dsse-hub.feeds.time.enabled=false", "-Dsse-hub.feeds.system.enabled=false",
                "-jar",
                "target/sse-hub.jar"));
        return command;
    }

    private void start(String... options) throws IOException {
        hub = new ProcessBuilder(command(options)).redirectErrorStream(true).start();
        BufferedReader output = hub.inputReader();
        JarIT.awaitListening(output);
        threads.add(Thread.ofVirtual().start(() -> {
            try {
                output.lines().forEach(log::add);
            } catch (UncheckedIOException e) {
                log.add("the process was killed");
            }
        }));
    }

    private String refusalOfASecondHub() throws Exception {
        Process second = new ProcessBuilder(command()).redirectErrorStream(true).start();
        String output = new String(second.getInputStream().readAllBytes(), UTF_8);
        return second.waitFor() + " " + output;
    }

    /** Publishes numbered events. One publisher repeats an event under the same id until it is acknowledged. */
    private void publish(int publisher) {
        Socket socket = null;
        for (int i = 0; publishes; i++) {
            int topic = ThreadLocalRandom.current().nextInt(TOPICS);
            String name = publisher + "." + i + " t/" + topic + " ";
            boolean repeats = publisher == 0;
            String body = "topic=t/" + topic + "&data=" + name.replace(' ', '+') + (repeats ? "&id=" + publisher + "." + i : "");
            boolean done = false;
            while (!done && publishes) {
                try {
                    if (socket == null) {
                        socket = new Socket("localhost", port);
                        socket.setSoTimeout(10_000);
                    }
                    done = post(socket, body);
                } catch (IOException e) {
                    unanswered.increment();
                    close(socket);
                    socket = null;
                    LockSupport.parkNanos(20_000_000);
                }
                if (done) {
                    acknowledged.add(name);
                }
                done |= !repeats;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        close(socket);
    }

    private static void close(Socket socket) {
        try (socket) {
            // it may be null
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns whether the event was acknowledged. */
    private boolean post(Socket socket, String body) throws IOException {
        socket.getOutputStream()
                .write(("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new EOFException();
            }
            head.append((char) c);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        int bytes = length.find() ? Integer.parseInt(length.group(1)) : 0;
        if (socket.getInputStream().readNBytes(bytes).length < bytes) {
            throw new EOFException();
        }
        if (!head.toString().startsWith("HTTP/1.1 200 ")) {
            faultIf(!head.toString().startsWith("HTTP/1.1 503 "), head.toString());
            throw new IOException("refused");
        }
        return true;
    }

    private void faultIf(boolean wrong, String what) {
        if (wrong) {
            faults.add(what);
        }
    }

    /** What a subscriber has received on all its connections. */
    private static final class Subscriber {
        private final String selector;
        private final Predicate<String> wants;
        private final Queue<String> received = new ConcurrentLinkedQueue<>();
        private String lastEventId = "earliest";

        Subscriber(String selector, Predicate<String> wants) {
            this.selector = selector;
            this.wants = wants;
        }
    }

    private void subscribe() {
        for (int i = 0; i < SUBSCRIBERS; i++) {
            String topic = "t/" + i % TOPICS;
            Subscriber subscriber = switch (i % 25) {
                case 0 -> new Subscriber("*", _ -> true);
                case 1 -> new Subscriber("t/{id}", _ -> true);
                case 2 -> new Subscriber("t/1{id}", data -> data.matches("\\S+ t/1\\d* "));
                default -> new Subscriber(topic, data -> data.endsWith(" " + topic + " "));
            };
            subscribers.add(subscriber);
            threads.add(Thread.ofVirtual().start(() -> receive(subscriber)));
        }
    }

    /** Connects again and again, and resumes after the last event. */
    private void receive(Subscriber subscriber) {
        while (subscribes) {
            connections.increment();
            try (SseClient client = new SseClient(port, "/sse?topic=" + URLEncoder.encode(subscriber.selector, UTF_8),
                    "Last-Event-ID: " + subscriber.lastEventId)) {
                if (!client.headers().startsWith("HTTP/1.1 200 ")) {
                    faultIf(!client.headers().startsWith("HTTP/1.1 503 "), client.headers());
                    continue;
                }
                int left = ThreadLocalRandom.current().nextInt(5_000); // some leave by themselves
                while (subscribes && left-- > 0) {
                    String frame = client.nextFrame();
                    faultIf(frame.contains("event: gap"),
                            subscriber.selector + " after " + subscriber.lastEventId + ": " + frame);
                    data(frame).ifPresent(subscriber.received::add);
                    frame.lines().filter(line -> line.startsWith("id: "))
                            .forEach(line -> subscriber.lastEventId = line.substring(4));
                }
            } catch (IOException e) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(50_000_000, 500_000_000));
            }
        }
    }

    @Test
    void aSmallHeapSufficesForManyEventsInTheFile() throws Exception {
        int events = 200_000;
        Limits limits = new Limits(1_000_000, Duration.ofHours(1), 1L << 30);
        try (FileHistory history = FileHistory.open(file(), Sync.OS, limits, new NoMetrics(), InstantSource.system())) {
            history.start(HubId.position(System.currentTimeMillis(), 0) - events - 1);
            long position = history.newest();
            for (int i = 0; i < events; i++) {
                history.append(List.of(new Addition(++position, new Update("t/" + i % 20_000, "x".repeat(80) + i)) {
                    @Override
                    protected void added(Event event) {}
                }));
            }
            long last = position;
            await().atMost(Duration.ofMinutes(1)).until(() -> history.newest() == last); // closing waits only some seconds
        }
        long start = System.nanoTime();
        start("-Xmx128m");
        System.out.println("started with " + events + " events in " + (System.nanoTime() - start) / 1_000_000 + " ms");
        assertThat(readAll()).hasSize(events);
        try (SseClient client = new SseClient(port, "/sse?topic=t/7&live=false&lastEventID=earliest")) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            for (int i = 7; i < events; i += 20_000) {
                assertThat(client.nextData()).endsWith("x" + i);
            }
            assertThat(client.nextFrame()).isEqualTo(": end");
        }
        assertThat(hub.isAlive()).isTrue();
    }
}
