package dev.ssehub.server;

import module java.base;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.stream.RedisTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Topics end and open again on two nodes that are restarted, while clients move between them: every client receives every event once,
 * and its stream ends only when its topics have ended.
 */
@Timeout(60)
class EndedTopicsSchedulesTest {
    private static final List<String> TOPICS = List.of("a", "b", "c");
    private static final int STEPS = 150;

    private final AtomicReferenceArray<Node> nodes = new AtomicReferenceArray<>(2);
    /** What was published, without repetitions. */
    private final List<Published> log = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private RedisServer redisServer;
    private int started;

    private record Published(String data, List<String> topics, String id, boolean ends) {
        Update update() {
            Update update = new Update(topics, data, null, id, null, false);
            return ends ? update.ending() : update;
        }
    }

    private record Node(Redis redis, Hub hub, HubServer server, int port) {
        void stop() {
            hub.close();
            server.close();
            redis.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        redisServer = RedisServer.start();
        start(0);
        start(1);
    }

    private void start(int number) throws IOException {
        RedisSettings settings = redisServer.settings("schedules");
        Redis redis = new Redis(settings);
        Hub hub = TestHub.create(10_000, 1 << 24, new RedisTransport(redis, settings, "node-" + started++));
        HubServer server = TestHub.serve(hub);
        nodes.set(number, new Node(redis, hub, server, server.port()));
    }

    @AfterEach
    void stop() {
        clients.forEach(client -> client.thread.interrupt());
        nodes.get(0).stop();
        nodes.get(1).stop();
        redisServer.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyClientGetsEverythingAndThenTheEnd(long seed) throws Exception {
        Random random = new Random(seed);
        for (String topics : List.of("a", "b", "c", "a b", "a b c", "c {any}", "*")) {
            clients.add(new Client(List.of(topics.split(" ")), new Random(random.nextLong())));
        }
        for (int step = 0; step < STEPS; step++) {
            int number = random.nextInt(2);
            switch (random.nextInt(30)) {
                case 0 -> {
                    nodes.get(number).stop();
                    start(number);
                }
                case 1, 2, 3, 4, 5 -> repeat(random, nodes.get(number).hub);
                case 6, 7, 8 -> awaitAll();
                default -> publish(IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(_ -> any(random)).toList(),
                        nodes.get(number).hub);
            }
        }
        awaitAll();
        publish(List.of(new Published("last", TOPICS, "urn:last", true)), nodes.get(1).hub);
        awaitAll();
        assertThat(clients.stream().mapToInt(Client::verifyEnds).sum()).as("streams that have ended").isGreaterThan(10);
    }

    private static Published any(Random random) {
        String topic = TOPICS.get(random.nextInt(3));
        String other = TOPICS.get(random.nextInt(3));
        List<String> topics = random.nextInt(4) == 0 && !other.equals(topic) ? List.of(topic, other) : List.of(topic);
        return new Published("" + random.nextLong(), topics, random.nextBoolean() ? "urn:" + random.nextLong() : null,
                random.nextInt(3) == 0);
    }

    private void publish(List<Published> events, Hub hub) {
        hub.publishForClient(events.stream().map(Published::update).toList(), _ -> {});
        log.addAll(events);
    }

    /** A repetition changes nothing, also if it says something else about the end. */
    private void repeat(Random random, Hub hub) {
        List<Published> own = log.stream().filter(event -> event.id() != null).toList();
        if (!own.isEmpty()) {
            Published before = own.get(Math.max(0, own.size() - 1 - random.nextInt(4)));
            Published again = new Published("repeated", before.topics(), before.id(), !before.ends());
            hub.publishForClient(List.of(again.update()), _ -> {});
        }
    }

    /** Waits until all clients have everything, and the hub has nothing more to say to those whose topics have ended. */
    private void awaitAll() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (Client client : clients) {
            List<String> expected = log.stream().filter(client::wants).map(Published::data).toList();
            while (!client.hasReceived(expected)) {
                assertThat(client.failure.get()).isNull();
                assertThat(System.nanoTime()).as("%s has everything", client.topics).isLessThan(deadline);
                MILLISECONDS.sleep(1);
            }
        }
    }

    /** A client that breaks off at random places, and comes back to any node. */
    private final class Client {
        private final List<String> topics;
        private final Random random;
        private final Thread thread;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final List<String> received = new ArrayList<>();
        /** How many events it had received when a stream ended, or when the hub had nothing more to say. */
        private final SortedSet<Integer> ends = new TreeSet<>();
        private String lastId = "earliest";
        private boolean over;

        Client(List<String> topics, Random random) {
            this.topics = topics;
            this.random = random;
            this.thread = Thread.ofVirtual().start(this::run);
        }

        boolean wants(Published event) {
            return !topics.stream().allMatch(TOPICS::contains) || event.topics().stream().anyMatch(topics::contains);
        }

        synchronized boolean hasReceived(List<String> expected) {
            return received.equals(expected) && (over || !hasEnded(received));
        }

        /** Returns how often its stream has ended, each time rightly. */
        synchronized int verifyEnds() {
            ends.forEach(end -> assertThat(hasEnded(received.subList(0, end))).as("%s after %s events", topics, end).isTrue());
            return ends.size();
        }

        /** Returns whether the newest of these events ends its topic, for each topic. */
        private boolean hasEnded(List<String> events) {
            Set<String> data = Set.copyOf(events);
            return topics.stream().allMatch(topic -> log.reversed().stream()
                    .filter(event -> event.topics().contains(topic) && data.contains(event.data())).findFirst()
                    .map(Published::ends).orElse(false));
        }

        private void run() {
            try {
                while (!Thread.interrupted()) {
                    try {
                        read(nodes.get(random.nextInt(2)).port);
                    } catch (IOException _) {
                        MILLISECONDS.sleep(2); // the node was stopped
                    }
                }
            } catch (InterruptedException _) {
                // the test is over
            } catch (Throwable e) {
                failure.set(e);
            }
        }

        private void read(int port) throws IOException, InterruptedException {
            String query = topics.stream().map(topic -> "topic=" + topic.replace("{", "%7B").replace("}", "%7D"))
                    .collect(Collectors.joining("&"));
            try (SseClient client = new SseClient(port, "/sse?" + query + "&lastEventID=" + lastId)) {
                boolean isOver = client.headers().startsWith("HTTP/1.1 204 ");
                setOver(isOver);
                if (isOver) {
                    MILLISECONDS.sleep(2); // another client would not come back, but the topic may open again
                }
                for (int left = random.nextInt(30); left > 0 && !isOver; left--) {
                    take(client.nextFrame());
                }
            }
        }

        private synchronized void setOver(boolean isOver) {
            over = isOver;
            if (isOver) {
                ends.add(received.size());
            }
        }

        private synchronized void take(String frame) {
            assertThat(frame).doesNotContain("event: gap");
            if (frame.startsWith("id: ")) {
                lastId = frame.substring(4, frame.indexOf('\n'));
            }
            int data = frame.indexOf("data: ");
            if (data >= 0) {
                received.add(frame.substring(data + 6));
            } else if (frame.endsWith(": end")) {
                ends.add(received.size());
            }
        }
    }
}
