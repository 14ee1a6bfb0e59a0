package dev.ssehub;

import module java.base;
import module java.net.http;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.ClusterSubscriber.Received;
import dev.ssehub.event.HubId;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.server.TestPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two hubs with one Redis, which are killed under load: real processes with real clients, which move between them. */
class ClusterIT {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final int TOPICS = 20;
    private static final int SUBSCRIBERS = 100;
    private static final int PUBLISHERS = 4;
    /** A publisher waits so long after each answer. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final List<Node> nodes = new ArrayList<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    /** The data of each request to publish that was answered with 200. */
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final LongAdder failed = new LongAdder();
    private final List<ClusterSubscriber> subscribers = new ArrayList<>();
    private final List<Thread> publishers = new ArrayList<>();
    /** The number of the next event of each publisher. */
    private final int[] numbers = new int[PUBLISHERS];
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile boolean publishes = true;
    private RedisServer redis;

    /** A hub: a process that can be started again on the same port. */
    private static final class Node {
        private final int port = TestPort.free();
        private final int redis;
        private Process process;

        Node(int redis) {
            this.redis = redis;
        }

        void start() throws IOException {
            process = new ProcessBuilder(JAVA, "-XX:TieredStopAtLevel=1", "-Xmx128m", "-Dserver.port=" + port,
                    "-Dsse-hub.transport.redis.uri=redis://127.0.0.1:" + redis, "-Dsse-hub.publish.anonymous-topics=*",
                    "-Dsse-hub.publish.max-rate-per-address=100000", "-Dsse-hub.heartbeat-interval=2s",
                    "-Dsse-hub.feeds.time.interval=100ms", "-Dsse-hub.feeds.system.enabled=false", "-jar", "target/sse-hub.jar")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log())).start();
        }

        /** The log of all its lives, to be read after a failure. */
        private File log() {
            return new File("target", "cluster-" + port + ".log");
        }

        void awaitReady(HttpClient client) {
            HttpRequest ready = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/observe/health/ready")).build();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try {
                    return client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
                } catch (IOException e) {
                    assertThat(process.isAlive()).as("see " + log()).isTrue();
                    return false; // it does not listen yet
                }
            });
        }
    }

    @BeforeAll
    static void requireRedis() {
        boolean installed = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> new File(folder, "redis-server").canExecute());
        String missing = "the tests of a cluster need redis-server on the PATH (Debian: apt-get install redis-server)";
        if (System.getenv("CI") != null) {
            assertThat(installed).as(missing).isTrue();
        }
        if (!installed) {
            System.out.println("SKIPPED: " + missing);
        }
        assumeTrue(installed, "SKIPPED: " + missing);
    }

    @AfterEach
    void stop() throws Exception {
        subscribers.forEach(ClusterSubscriber::stop);
        for (Node node : nodes) {
            node.process.destroyForcibly().waitFor();
        }
        endPublishing();
        for (ClusterSubscriber subscriber : subscribers) {
            subscriber.join();
        }
        client.close();
        redis.close();
    }

    @Test
    void nodesAreKilledAndReplacedAndRedisLosesItsData() throws Exception {
        start(2);
        awaitAcknowledged(100);
        nodes.get(1).process.destroyForcibly().waitFor(); // SIGKILL
        awaitAcknowledged(50);
        for (Node node : nodes) { // one after the other, while the other serves
            if (node.process.isAlive()) {
                node.process.toHandle().destroy(); // SIGTERM
                assertThat(node.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
            node.start();
            node.awaitReady(client);
        }
        awaitAcknowledged(50);
        endPublishing();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(this::nothingIsMissingOrRepeated);

        startPublishers(PUBLISHERS / 2); // those without own ids: Redis forgets own ids, too, and events repeat
        awaitAcknowledged(50);
        redis.kill();
        redis.restart(); // it is empty
        awaitAcknowledged(100);
        endPublishing();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(this::gapsStandForWhatIsMissing);

        System.out.printf("a cluster: %,d events acknowledged, %,d requests failed; %,d connections of %d subscribers%n",
                acknowledged.size(), failed.sum(), subscribers.stream().mapToInt(ClusterSubscriber::connections).sum(),
                subscribers.size());
    }

    private void nothingIsMissingOrRepeated() {
        Collection<String> all = allEvents().values();
        assertThat(all.stream().map(ClusterIT::event).toList())
                .containsAll(acknowledged.stream().map(ClusterIT::event).toList());
        assertThat(all).containsAll(acknowledged.stream().filter(data -> !hasOwnId(data)).toList());
        for (ClusterSubscriber subscriber : subscribers) {
            assertThat(subscriber.received().stream().map(Received::data).toList()).as(subscriber.selector())
                    .isEqualTo(all.stream().filter(subscriber::wants).toList());
        }
    }

    private void gapsStandForWhatIsMissing() {
        SortedMap<Long, String> all = allEvents();
        for (ClusterSubscriber subscriber : subscribers) {
            List<Received> received = subscriber.received();
            List<Received> events = received.stream().filter(each -> !each.isGap()).toList();
            assertThat(events).as(subscriber.selector()).isSortedAccordingTo(Comparator.comparing(Received::position))
                    .doesNotHaveDuplicates();
            assertThat(received).as("a gap was told: " + subscriber.selector()).anyMatch(Received::isGap);
            Map<Long, String> missing = new TreeMap<>(all);
            missing.values().removeIf(Predicate.not(subscriber::wants));
            events.forEach(event -> missing.remove(event.position()));
            missing.keySet().removeIf(position -> isInGap(position, received));
            assertThat(missing).as("missing without a gap: " + subscriber.selector()).isEmpty();
        }
    }

    /** A gap stands for events after all that came before it. It can be followed by older events than the newest of these. */
    private static boolean isInGap(long position, List<Received> received) {
        long before = 0;
        for (int i = 0; i < received.size(); i++) {
            Received each = received.get(i);
            long next = i + 1 < received.size() ? received.get(i + 1).position() : 0;
            if (each.isGap() && before < position && position <= Math.max(each.position(), next)) {
                return true;
            }
            before = each.isGap() ? before : each.position();
        }
        return false;
    }

    /** Returns the events that anyone has received, by position. An id stands for one event, an event and its own id for one id. */
    private SortedMap<Long, String> allEvents() {
        assertThat(faults).isEmpty();
        SortedMap<Long, String> all = new TreeMap<>();
        for (ClusterSubscriber subscriber : subscribers) {
            for (Received received : subscriber.received()) {
                if (!received.isGap()) {
                    String other = all.put(received.position(), received.data());
                    assertThat(other).as(HubId.text(received.position())).isIn(null, received.data());
                }
            }
        }
        assertThat(all.values()).doesNotHaveDuplicates();
        assertThat(all.values().stream().filter(ClusterIT::hasOwnId).map(ClusterIT::event)).doesNotHaveDuplicates();
        return all;
    }

    private void start(int count) throws Exception {
        redis = RedisServer.start();
        for (int i = 0; i < count; i++) {
            Node node = new Node(redis.port());
            nodes.add(node);
            node.start();
        }
        nodes.forEach(node -> node.awaitReady(client));
        List<Integer> ports = nodes.stream().map(node -> node.port).toList();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            String topic = "t/" + i % TOPICS;
            subscribers.add(switch (i % 10) {
                case 0 -> new ClusterSubscriber("t/{id}", _ -> true, ports, faults::add);
                case 1 -> new ClusterSubscriber("t/1{id}", data -> data.matches("\\S+ t/1\\d*"), ports, faults::add);
                default -> new ClusterSubscriber(topic, data -> data.endsWith(" " + topic), ports, faults::add);
            });
        }
        startPublishers(0);
    }

    /** Waits until this number of further events is acknowledged. */
    private void awaitAcknowledged(int count) {
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() >= before + count || !faults.isEmpty());
        assertThat(faults).isEmpty();
    }

    /** Starts the publishers from this number on. */
    private void startPublishers(int first) {
        publishes = true;
        for (int i = first; i < PUBLISHERS; i++) {
            int publisher = i;
            publishers.add(Thread.ofVirtual().start(() -> publish(publisher)));
        }
    }

    /** Stops the publishers and waits until they have their last answers. */
    private void endPublishing() throws InterruptedException {
        publishes = false;
        for (Thread publisher : publishers) {
            publisher.join();
        }
        publishers.clear();
    }

    /**
     * Publishes numbered events at all nodes, each until it is acknowledged. The data names the publisher, the event, the try, and the
     * topic. The first half of the publishers give their events ids of their own, so a repetition of them is harmless.
     */
    private void publish(int publisher) {
        while (publishes) {
            int i = numbers[publisher]++;
            String topic = "t/" + ThreadLocalRandom.current().nextInt(TOPICS);
            boolean done = false;
            for (int repeat = 0; !done; repeat++) {
                String data = publisher + "." + i + "." + repeat + " " + topic;
                done = post("topic=" + topic + "&data=" + data.replace(' ', '+') + (hasOwnId(data) ? "&id=" + event(data) : ""));
                if (done) {
                    acknowledged.add(data);
                }
                LockSupport.parkNanos(PAUSE.multipliedBy(done ? 1 : 10).toNanos());
                if (!publishes && !done) {
                    return;
                }
            }
        }
    }

    private static boolean hasOwnId(String data) {
        return data.charAt(0) - '0' < PUBLISHERS / 2;
    }

    /** Returns what all tries of an event have in common. */
    private static String event(String data) {
        return data.substring(0, data.lastIndexOf('.'));
    }

    /** Returns whether the event was acknowledged. */
    private boolean post(String form) {
        int port = nodes.get(ThreadLocalRandom.current().nextInt(nodes.size())).port;
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/sse"))
                .header("Content-Type", "application/x-www-form-urlencoded").timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(form)).build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
            if (answer.statusCode() != 200 && answer.statusCode() != 503) {
                faults.add(answer.statusCode() + " " + answer.body());
            }
            if (answer.statusCode() == 200) {
                return true;
            }
        } catch (IOException e) {
            // the node was killed
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        failed.increment();
        return false;
    }
}
