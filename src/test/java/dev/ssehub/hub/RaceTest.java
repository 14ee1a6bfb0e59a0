package dev.ssehub.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import dev.ssehub.hub.HubSettings.HistoryLimits;
import dev.ssehub.transport.LocalTransport;

/**
 * Publishers publish while subscribers read, stall, break off and resume. Each must see every event of its topics exactly
 * once, in the one order, but for what a gap event accounts for.
 */
class RaceTest {

    private static final int ROUNDS = 12;
    private static final int EVENTS = 8;
    private static final String BIG = "x".repeat(12_000);
    private static final List<String> TOPICS = List.of("a", "b", "c");

    /** What happened, in the order of the hub. Appended to under the transport's lock. */
    private record Published(String id, List<String> topics) {}

    private static final class RecordingTransport implements Transport {
        private final LocalTransport local = new LocalTransport(InstantSource.system());
        private final List<Published> order = new ArrayList<>();

        @Override
        public void start(BiConsumer<String, Update> listener) {
            local.start((id, update) -> {
                order.add(new Published(id, update.topics()));
                listener.accept(id, update);
            });
        }

        @Override
        public String publish(Update update) {
            return local.publish(update);
        }

        @Override
        public void close() {
            local.close();
        }
    }

    @Property(tries = 1_000)
    void everySubscriberSeesEveryEventOnceInOrderOrAGap(@ForAll Random random, @ForAll @IntRange(min = 1, max = 3) int publishers,
            @ForAll @IntRange(min = 1, max = 6) int mailbox, @ForAll @IntRange(min = 1, max = 250) int history) throws Exception {
        RecordingTransport transport = new RecordingTransport();
        HubSettings settings = new HubSettings(Duration.ofSeconds(10), Duration.ofSeconds(60), mailbox,
                new HistoryLimits(history, Duration.ofHours(1), 1 << 30));
        try (Hub hub = new Hub(settings, transport)) {
            String start = hub.publish(new Update(TOPICS, "start", null));
            List<Reader> readers = List.of(new Reader(hub, start, random, List.of("a")),
                    new Reader(hub, start, random, List.of("*")),
                    new Reader(hub, start, random, List.of("b", "c")), new Reader(hub, start, random, List.of("c", "*")));
            readers.forEach(Reader::connect);
            String end = start;
            for (int round = 0; round < ROUNDS; round++) {
                List<Thread> threads = new ArrayList<>();
                for (int p = 0; p < publishers; p++) {
                    long seed = random.nextLong();
                    threads.add(Thread.ofVirtual().start(() -> publish(hub, new Random(seed))));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                // now and then everything comes to rest, where a wake-up that was lost would show
                end = hub.publish(new Update(TOPICS, "end of a round", null));
                for (Reader reader : readers) {
                    reader.awaitReceived(end);
                }
            }
            for (Reader reader : readers) {
                reader.verify(transport.order, start, end, history);
            }
        }
    }

    /**
     * Each event is published just when the drainer of the one before is about to find that nothing waits: it must be taken
     * by that drainer or by a new one.
     */
    @Example
    void aWakeUpIsNeverLost() {
        HubSettings settings = new HubSettings(Duration.ofHours(1), Duration.ofHours(1), 4,
                new HistoryLimits(10, Duration.ofHours(1), 1 << 20));
        try (Hub hub = new Hub(settings, new LocalTransport(InstantSource.system()))) {
            AtomicInteger received = new AtomicInteger();
            SplittableRandom random = new SplittableRandom();
            Consumer<List<byte[]>> writer = frames -> {
                received.addAndGet(frames.size());
                for (int spin = random.nextInt(200); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
            };
            hub.subscribe(List.of(new TopicSelector.Exact("a")), null,
                    subscriber -> Thread.ofVirtual().start(() -> subscriber.drain(writer))).drain(writer);
            for (int published = 1; published <= 100_000; published++) {
                hub.publish(new Update("a", "ping"));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (received.get() < published) {
                    assertThat(System.nanoTime()).as("event %d is received", published).isLessThan(deadline);
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void publish(Hub hub, Random random) {
        for (int i = 0; i < EVENTS; i++) {
            String topic = TOPICS.get(random.nextInt(TOPICS.size()));
            String other = TOPICS.get(random.nextInt(TOPICS.size()));
            hub.publish(new Update(random.nextInt(5) == 0 ? List.of(topic, other) : List.of(topic),
                    random.nextInt(4) == 0 ? BIG : "small", null));
            if (random.nextInt(3) == 0) {
                Thread.yield();
            }
        }
    }

    /** One client, which breaks off now and then and comes back with the last id that it has. */
    private static final class Reader {

        private final Hub hub;
        private final List<String> topics;
        private final List<TopicSelector> selectors;
        private final Random random;
        private final StringBuilder received = new StringBuilder(); // written by one drainer at a time
        private volatile String lastId;

        Reader(Hub hub, String lastId, Random random, List<String> topics) {
            this.hub = hub;
            this.topics = topics;
            this.selectors = topics.stream().map(TopicSelector::parse).toList();
            this.random = new Random(random.nextLong());
            this.lastId = lastId;
        }

        void connect() {
            Subscriber subscriber = hub.subscribe(selectors, lastId, this::startDrainer);
            startDrainer(subscriber);
        }

        private void startDrainer(Subscriber subscriber) {
            Thread.ofVirtual().start(() -> drain(subscriber));
        }

        private void drain(Subscriber subscriber) {
            try {
                subscriber.drain(this::write);
            } catch (BrokenOff e) {
                hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
                connect();
            }
        }

        void awaitReceived(String id) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!id.equals(lastId)) {
                assertThat(System.nanoTime()).as("%s has received %s, the last is %s", topics, id, lastId).isLessThan(deadline);
                Thread.yield();
            }
        }

        private void write(List<byte[]> frames) {
            switch (random.nextInt(12)) {
                case 0 -> throw new BrokenOff();
                case 1 -> LockSupport.parkNanos(random.nextInt(300_000));
                default -> Thread.yield();
            }
            for (byte[] frame : frames) {
                String text = new String(frame, UTF_8);
                received.append(text.replace(BIG, ""));
                if (text.startsWith("id: ")) {
                    lastId = text.substring(4, text.indexOf('\n'));
                }
            }
        }

        /** Goes through what was received beside what should have been. */
        void verify(List<Published> order, String start, String end, int history) {
            List<String> expected = order.stream().filter(event -> TopicSelector.anyMatch(selectors, event.topics()))
                    .map(Published::id).toList();
            List<String> positions = order.stream().map(Published::id).toList();
            int next = expected.indexOf(start) + 1;
            String oldestLeft = null;
            for (String frame : received.toString().split("\n\n")) {
                if (frame.startsWith("event: gap")) {
                    String requested = field(frame, "requested");
                    oldestLeft = field(frame, "oldest");
                    assertThat(requested).as("the gap begins at what was received last")
                            .isEqualTo(next == 0 ? start : expected.get(next - 1));
                    assertThat(positions.size() - positions.indexOf(requested)).as("a gap only where the history is too short")
                            .isGreaterThan(history);
                } else {
                    String id = frame.substring(4, frame.indexOf('\n'));
                    int found = expected.indexOf(id);
                    assertThat(found).as("%s is new, and comes after %s", id, next).isGreaterThanOrEqualTo(next);
                    if (oldestLeft == null) {
                        assertThat(found).as("nothing is missing before %s", id).isEqualTo(next);
                    } else if (!oldestLeft.equals("null")) {
                        assertThat(positions.indexOf(id)).as("what is left follows the gap")
                                .isGreaterThanOrEqualTo(positions.indexOf(oldestLeft));
                    }
                    oldestLeft = null;
                    next = found + 1;
                }
            }
            assertThat(next).as("it ends with the last event").isEqualTo(expected.indexOf(end) + 1).isEqualTo(expected.size());
        }

        private static String field(String frame, String name) {
            String rest = frame.substring(frame.indexOf("\"" + name + "\":") + name.length() + 3);
            return rest.substring(0, rest.indexOf(rest.startsWith("\"") ? "\"," : ",")).replace("\"", "").replace("}", "");
        }
    }

    private static final class BrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
