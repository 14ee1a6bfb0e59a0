package dev.ssehub.server;

import module java.base;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.Keys;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.history.Limits;
import dev.ssehub.history.file.TimedHistory;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.Tracing;
import dev.ssehub.transport.LocalTransport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A body of an hour, as the documentation describes it: whoever breaks off, and whenever, the publisher goes on with the same ids, and
 * the subscriber with its last one. The hour takes seconds, because the test tells the hub the time.
 */
@Timeout(60)
class LongStreamBodyTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration TOKEN = Duration.ofMinutes(7);
    private static final Duration PAST = Duration.ofMinutes(10);
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final Duration BETWEEN_RESTARTS = Duration.ofMinutes(25);
    private static final int RATE = 100;
    /** More than the rate allows at once. */
    private static final int BURST = 250;
    private static final String PATIENCE = "it arrives within 30 seconds";

    @TempDir
    private Path folder;
    private final Time time = new Time();
    /** The ids that the subscriber has received, in their order. */
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> counted = new TreeMap<>();
    private Random random;
    private HubServer server;
    private volatile int port;
    private Hub hub;
    private String token;
    /** The last frame of the subscriber. */
    private Future<String> end;
    /** How many events the publisher has. */
    private int made;
    /** How many of them it knows to be in the topic. */
    private int sure;
    private Duration nextRestart = BETWEEN_RESTARTS;

    /** The time of the hub, which passes only when the test says so. */
    private static final class Time implements InstantSource {
        private final Instant start = Instant.now();
        private final AtomicLong nanos = new AtomicLong();

        long nanoTime() {
            return nanos.get();
        }

        @Override
        public Instant instant() {
            return start.plusNanos(nanos.get());
        }

        void pass(Duration duration) {
            nanos.addAndGet(duration.toNanos());
        }

        boolean isAfter(Duration duration) {
            return nanos.get() >= duration.toNanos();
        }
    }

    private void start() throws Exception {
        Duration never = Duration.ofMinutes(10);
        Limits limits = new Limits(10_000, PAST, 1 << 24);
        hub = new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20), limits),
                TimedHistory.open(folder.resolve("hub.db"), limits, time, time::nanoTime), new LocalTransport(time),
                new NoMetrics(), time);
        TestSettings settings = new TestSettings();
        settings.publishesPerToken = RATE;
        settings.publishIdleTimeout = IDLE;
        server = new HubServer(settings.build(), hub, Cluster.alone(),
                JwtAuthorizer.create(Keys.settings(Keys.key(Keys.SECRET)),
                        new Grant(List.of(), List.of(new TopicSelector.Any()), List.of()), time),
                new Meters(), Tracing.NONE, Duration.ofHours(1), time::nanoTime);
        port = server.port();
    }

    private void stop() throws InterruptedException {
        hub.close();
        server.awaitAnswers(Duration.ofSeconds(20));
        server.close();
    }

    private void count(String what) {
        counted.merge(what, 1, Integer::sum);
    }

    @ParameterizedTest
    @ValueSource(longs = 3)
    void everyEventComesOnce(long seed) throws Exception {
        random = new Random(seed);
        start();
        renewToken();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            end = threads.submit(new Subscriber(new Random(random.nextLong()))::read);
            while (!time.isAfter(HOUR)) {
                try (BodyPublisher body = new BodyPublisher(port, "topic=run/1&end", "Authorization: Bearer " + token)) {
                    publish(body, threads.submit(body::answer));
                } catch (IOException _) {
                    count("broken pipe");
                }
            }
            complete();
            assertThat(end.get(30, TimeUnit.SECONDS)).as("the last frame").endsWith("\n: end");
            assertThat(received).hasSize(made + 1).last().isEqualTo("run/" + (made - 1) + "/end");
            try (SseClient back = new SseClient(port, "/sse?topic=run/1&lastEventID=" + received.getLast())) {
                assertThat(back.headers()).startsWith("HTTP/1.1 204 ");
            }
            assertThat(hub.history().status().events()).as("the history has given up the first events").isLessThan(made);
        } finally {
            stop();
        }
        assertThat(counted).containsKeys("cut", "silent", "expired", "restart", "burst", "subscriber cut");
    }

    /** Publishes until something breaks off. */
    private void publish(BodyPublisher body, Future<String> answer) throws Exception {
        String next = events(Math.max(0, sure - random.nextInt(30)), made);
        while (!time.isAfter(HOUR)) {
            int count = random.nextInt(50) == 0 ? BURST : random.nextInt(8);
            if (count == BURST) {
                count("burst");
            }
            next += events(made, made + count);
            made += count;
            if (random.nextInt(25) == 0) {
                count("cut");
                send(body, next.substring(0, random.nextInt(next.length() + 1)));
                if (random.nextBoolean()) {
                    body.reset();
                }
                return;
            }
            send(body, next);
            next = "";
            if (!awaitReceived(made, answer)) {
                return;
            }
            sure = made;
            if (time.isAfter(nextRestart)) {
                count("restart");
                nextRestart = nextRestart.plus(BETWEEN_RESTARTS);
                stop();
                start();
                return;
            }
            if (random.nextInt(100) == 0) {
                count("silent");
                while (!answer.isDone()) { // the hub may begin to wait for the publisher only now
                    time.pass(Duration.ofSeconds(10));
                    MILLISECONDS.sleep(10);
                }
                assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS)).as("a silent publisher is cut off")
                        .hasCauseInstanceOf(IOException.class);
                return;
            }
            time.pass(Duration.ofMillis(random.nextInt(random.nextInt(6) == 0 ? 58_000 : 12_000)));
            send(body, random.nextInt(4) == 0 ? ":\n" : "");
        }
    }

    private static String events(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "id: run/" + i + "\ndata: " + i + "\n\n").collect(Collectors.joining());
    }

    private void send(BodyPublisher body, String text) throws IOException {
        for (int at = 0; at < text.length();) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 10 : 2_000));
            body.send(text.substring(at, end));
            at = end;
        }
    }

    /** Waits for the subscriber. Returns {@code false} if the hub has ended the body meanwhile, with or without an answer. */
    private boolean awaitReceived(int events, Future<String> answer) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (received.size() < events) {
            assertThat(System.nanoTime()).as(PATIENCE).isLessThan(deadline);
            if (end.isDone()) {
                throw new AssertionError("the subscriber has ended", end.exceptionNow());
            }
            if (answer.isDone()) {
                take(answer);
                return false;
            }
            time.pass(Duration.ofMillis(5)); // a publisher that is too fast waits for this
            MILLISECONDS.sleep(1);
        }
        return true;
    }

    private void take(Future<String> answer) throws Exception {
        if (answer.state() == Future.State.FAILED) {
            assertThat(answer.exceptionNow()).isInstanceOf(IOException.class);
            count("broken pipe");
            return;
        }
        assertThat(answer.get()).startsWith("HTTP/1.1 401 ").contains("the token has expired");
        count("expired");
        renewToken();
    }

    private void renewToken() throws Exception {
        token = Keys
                .token("{\"mercure\":{\"publish\":[\"run/{id}\"]},\"exp\":" + time.instant().plus(TOKEN).getEpochSecond() + "}");
    }

    /** Sends everything that is not sure, and ends the body. */
    private void complete() throws Exception {
        renewToken();
        try (BodyPublisher body = new BodyPublisher(port, "topic=run/1&end", "Authorization: Bearer " + token)) {
            body.send(events(Math.max(0, sure - RATE), made));
            assertThat(body.end()).startsWith("HTTP/1.1 200 ").endsWith("\nlast-id: run/" + (made - 1) + "/end\n");
        }
    }

    /** Reads the stream, breaks off at random places, and goes on after the last event. */
    private final class Subscriber {
        private final Random random;

        Subscriber(Random random) {
            this.random = random;
        }

        /** Returns the last frame. */
        String read() throws Exception {
            while (true) {
                String place = received.isEmpty() ? "earliest" : received.getLast();
                try (SseClient client = new SseClient(port, "/sse?topic=run/1&lastEventID=" + place)) {
                    for (int left = random.nextInt(200); left > 0; left--) {
                        String frame = client.nextFrame();
                        if (frame.endsWith("\n: end")) {
                            return frame;
                        }
                        take(frame);
                    }
                    count("subscriber cut");
                } catch (IOException _) {
                    MILLISECONDS.sleep(5); // the hub restarts
                }
            }
        }

        private void take(String frame) {
            if (frame.startsWith("retry: ")) {
                return;
            }
            String id = "run/" + received.size();
            boolean isEnd = frame.equals("id: run/" + (received.size() - 1) + "/end\nevent: end\ndata: ");
            assertThat(isEnd || frame.equals("id: " + id + "\ndata: " + received.size())).as("instead of %s: %s", id, frame)
                    .isTrue();
            received.add(frame.substring(4, frame.indexOf('\n')));
        }
    }
}
