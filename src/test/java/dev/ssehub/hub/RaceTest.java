package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.Sync;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Publishers publish while subscribers read, stall, disconnect and resume. Each subscriber must receive every event of its topics
 * exactly once and in order, except for the events of a gap.
 */
class RaceTest {
    private static final int ROUNDS = 6;
    private static final int EVENTS = 8;
    private static final String BIG = "x".repeat(12_000);
    private static final List<String> TOPICS = List.of("a", "b", "c");

    /** The published updates, in the order of the hub. The transport's lock guards it. */
    private record Published(String id, String checkpoint, List<String> topics, boolean isPrivate, boolean ends,
            boolean isLost) {}

    private static final class RecordingTransport implements Transport {
        private final LocalTransport local = new LocalTransport(InstantSource.system());
        private final List<Published> order = new ArrayList<>();

        /** Writes down the order in which updates are passed on. */
        private record Recorder(Listener listener, List<Published> order, AtomicLong last) implements Listener {
            @Override
            public void begin(long position) {
                listener.begin(position);
            }

            @Override
            public long newest() {
                return listener.newest();
            }

            @Override
            public List<Addition> accept(List<Placed> updates, boolean live) {
                long before = updates.getFirst().position() - 1;
                if (before > last.getAndSet(before + 1) && before % 7 == 0) { // another node had an event that is lost
                    order.add(new Published(HubId.text(before), HubId.text(before), TOPICS, false, false, true));
                    listener.lose(before, true);
                }
                List<Addition> additions = listener.accept(updates, live);
                for (Placed placed : updates) {
                    Update update = placed.publication().update();
                    String hubId = HubId.text(placed.position());
                    order.add(
                            new Published(update.id() == null ? hubId : update.id(), hubId, update.topics(), update.isPrivate(),
                                    update.ends(), false));
                }
                return additions;
            }

            @Override
            public void lose(long upTo, boolean live) {
                listener.lose(upTo, live);
            }

            @Override
            public Runnable forget(String topic) {
                return listener.forget(topic);
            }
        }

        @Override
        public void start(Listener listener, long newest) {
            local.start(new Recorder(listener, order, new AtomicLong()), newest);
        }

        @Override
        public void forget(String topic) {
            local.forget(topic);
        }

        @Override
        public void refuse() {
            local.refuse();
        }

        @Override
        public List<String> publish(List<Publication> together) {
            return local.publish(together);
        }

        @Override
        public void close() {
            local.close();
        }
    }

    @Property(tries = 500)
    void everySubscriberSeesEveryEventOnceInOrderOrAGap(@ForAll Random random, @ForAll @IntRange(min = 1, max = 3) int publishers,
            @ForAll @IntRange(min = 1, max = 6) int mailbox, @ForAll @IntRange(min = 1, max = 250) int history) throws Exception {
        race(random, publishers, mailbox, history, limits -> new MemoryHistory(limits, System::nanoTime));
    }

    @Property(tries = 40)
    void soWithAHistoryInAFile(@ForAll Random random, @ForAll @IntRange(min = 1, max = 3) int publishers,
            @ForAll @IntRange(min = 1, max = 6) int mailbox, @ForAll @IntRange(min = 1, max = 250) int history) throws Exception {
        Path folder = Files.createTempDirectory("race");
        race(random, publishers, mailbox, history, limits -> FileHistory.open(folder.resolve("hub.db"), Sync.OS, limits,
                new NoMetrics(), InstantSource.system()));
        for (File file : folder.toFile().listFiles()) {
            Files.delete(file.toPath());
        }
        Files.delete(folder);
    }

    private interface Log {
        History open(Limits limits) throws IOException;
    }

    private static void race(Random random, int publishers, int mailbox, int history, Log log) throws Exception {
        RecordingTransport transport = new RecordingTransport();
        // many heartbeats, because they have ids from which clients resume
        HubSettings settings = new HubSettings(Duration.ofMillis(4), Duration.ofSeconds(60), new Mailbox.Limits(mailbox, 1 << 20),
                new Limits(history, Duration.ofHours(1), 1 << 30));
        try (Hub hub = new Hub(settings, log.open(settings.history()), transport, new NoMetrics(), InstantSource.system())) {
            String start = hub.publish(new Update(TOPICS, "start", null, null, null, false));
            List<Reader> readers = List.of(new Reader(hub, start, random, List.of("a"), List.of()),
                    new Reader(hub, start, random, List.of("b", "c"), List.of("c")),
                    new Reader(hub, start, random, List.of("*"), List.of("b")),
                    new Reader(hub, start, random, List.of("b", "{+c}c"), List.of("{any}")),
                    new Reader(hub, start, random, List.of("c", "*"), List.of()));
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
                // sometimes wait until all is received, to notice a lost wake-up
                end = hub.publish(new Update(TOPICS, "end of a round", null, null, null, false));
                for (Reader reader : readers) {
                    reader.awaitReceived(end);
                }
            }
            end = hub.publish(new Update(TOPICS, "the end", null, null, null, false).ending());
            for (Reader reader : readers) {
                reader.awaitReceived(end);
                reader.awaitOver(history >= TOPICS.size());
            }
            Set<String> held = held(hub);
            for (Reader reader : readers) {
                reader.verify(transport.order, held, start, end, history);
            }
        }
    }

    /** Returns the hub's ids of the events that the history still holds. */
    private static Set<String> held(Hub hub) {
        StringBuilder all = new StringBuilder();
        List<TopicSelector> any = List.of(new TopicSelector.Any());
        Subscriber reader = hub.subscribe(new Subscription(any, new Permission(any, null), Update.EARLIEST, false, true, true),
                _ -> {});
        drain(reader, frames -> frames.forEach(frame -> all.append(new String(frame, UTF_8))));
        return all.toString().lines().filter(line -> line.startsWith("at: ")).map(line -> line.substring(4)).collect(toSet());
    }

    /**
     * Each event is published just when the drainer of the previous event is about to find that nothing waits. That drainer or a
     * new one must take it.
     */
    @Example
    void aWakeUpIsNeverLost() {
        HubSettings settings = new HubSettings(Duration.ofHours(1), Duration.ofHours(1), new Mailbox.Limits(4, 1 << 20),
                new Limits(10, Duration.ofHours(1), 1 << 20));
        try (Hub hub = new Hub(settings, new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system())) {
            AtomicInteger received = new AtomicInteger();
            SplittableRandom random = new SplittableRandom();
            Consumer<List<byte[]>> writer = frames -> {
                received.addAndGet(frames.size());
                for (int spin = random.nextInt(200); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
            };
            drain(hub.subscribe(new Subscription(List.of(new TopicSelector.Exact("a"))),
                    subscriber -> Thread.ofVirtual().start(() -> drain(subscriber, writer))), writer);
            for (int published = 1; published <= 30_000; published++) {
                hub.publish(new Update("a", "ping"));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (received.get() < published) {
                    assertThat(System.nanoTime()).as("event %d is received", published).isLessThan(deadline);
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void drain(Subscriber subscriber, Consumer<List<byte[]>> writer) {
        while (subscriber.drain(writer, () -> {}) == Next.MORE) {
            Thread.onSpinWait();
        }
    }

    private static void publish(Hub hub, Random random) {
        for (int i = 0; i < EVENTS; i++) {
            String topic = TOPICS.get(random.nextInt(TOPICS.size()));
            String other = TOPICS.get(random.nextInt(TOPICS.size()));
            Update update = new Update(random.nextInt(5) == 0 ? List.of(topic, other) : List.of(topic),
                    random.nextInt(4) == 0 ? BIG : "small", null, random.nextInt(3) == 0 ? "urn:" + random.nextLong() : null,
                    null, random.nextInt(6) == 0);
            hub.publish(random.nextInt(3) == 0 ? update.ending() : update);
            if (random.nextInt(3) == 0) {
                Thread.yield();
            }
        }
    }

    /** A client that disconnects sometimes and resumes from the last id that it has. */
    private static final class Reader {
        private static final Pattern EXPLANATION = Pattern.compile("^(at|topic|selector|end): .*\n", Pattern.MULTILINE);

        private final Hub hub;
        private final List<String> topics;
        private final List<TopicSelector> selectors;
        private final List<TopicSelector> granted;
        private final SelectorSet wanted;
        private final SelectorSet permitted;
        private final Random random;
        private final StringBuilder received = new StringBuilder(); // written by one drainer at a time
        private final StringBuilder partial = new StringBuilder(); // likewise
        private final boolean explained;
        private volatile String lastId;
        private volatile Thread waiting; // for an id, or the end
        private boolean over;

        Reader(Hub hub, String lastId, Random random, List<String> topics, List<String> granted) {
            this.hub = hub;
            this.topics = topics;
            this.selectors = topics.stream().map(TopicSelector::parse).toList();
            this.granted = granted.stream().map(TopicSelector::parse).toList();
            this.wanted = SelectorSet.of(this.selectors);
            this.permitted = SelectorSet.of(this.granted);
            this.random = new Random(random.nextLong());
            this.explained = random.nextBoolean();
            this.lastId = lastId;
        }

        void connect() {
            Subscription subscription = new Subscription(selectors, new Permission(granted, null), lastId, true, explained, true);
            synchronized (this) {
                over = hub.isOver(subscription);
                if (over) {
                    LockSupport.unpark(waiting);
                    return;
                }
            }
            startDrainer(hub.subscribe(subscription, this::startDrainer));
        }

        /** Comes back after the end of all topics: one of them may have opened again. */
        private void comeBack() {
            boolean wasOver;
            synchronized (this) {
                wasOver = over;
                over = false;
            }
            if (wasOver) {
                connect();
            }
        }

        /** Waits until the hub has nothing more to say to a reader of exact topics, whose newest event is an end. */
        void awaitOver(boolean isEndHeld) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            waiting = Thread.currentThread();
            while (isEndHeld && wanted.templates().isEmpty() && !wanted.any() && !isOver()) {
                assertThat(System.nanoTime()).as("the stream of %s has ended", topics).isLessThan(deadline);
                LockSupport.parkNanos(deadline - System.nanoTime());
            }
            waiting = null;
        }

        private synchronized boolean isOver() {
            return over;
        }

        private void startDrainer(Subscriber subscriber) {
            Thread.ofVirtual().start(() -> drain(subscriber));
        }

        private void drain(Subscriber subscriber) {
            try {
                RaceTest.drain(subscriber, this::write);
                if (subscriber.closed() == DisconnectReason.ENDED) {
                    hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
                    connect();
                }
            } catch (BrokenOff e) {
                hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
                connect();
            }
        }

        void awaitReceived(String id) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            waiting = Thread.currentThread();
            while (!id.equals(lastId)) {
                assertThat(System.nanoTime()).as("%s has received %s, the last is %s", topics, id, lastId).isLessThan(deadline);
                comeBack();
                LockSupport.parkNanos(Math.min(TimeUnit.MILLISECONDS.toNanos(20), deadline - System.nanoTime()));
            }
            waiting = null;
        }

        private void write(List<byte[]> frames) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    partial.setLength(0); // a client ignores an incomplete frame and its id
                    throw new BrokenOff();
                }
                case 1 -> LockSupport.parkNanos(random.nextInt(300_000));
                default -> Thread.yield();
            }
            frames.forEach(frame -> partial.append(new String(frame, UTF_8))); // a large frame comes in parts
            for (int end = partial.indexOf("\n\n"); end >= 0; end = partial.indexOf("\n\n")) {
                String text = withoutExplanation(partial.substring(0, end + 2).replace(BIG, ""));
                partial.delete(0, end + 2);
                received.append(text);
                if (text.startsWith("id: ")) {
                    lastId = text.substring(4, text.indexOf('\n'));
                    LockSupport.unpark(waiting);
                }
            }
        }

        private String withoutExplanation(String frame) {
            if (explained && frame.contains("\ndata: ") && !frame.contains("\nevent: gap")) {
                Set<String> told = frame.lines().filter(line -> line.startsWith("selector: ")).map(line -> line.substring(10))
                        .collect(toSet());
                assertThat(told).isNotEmpty().isSubsetOf(topics);
            }
            return explained ? EXPLANATION.matcher(frame).replaceAll("") : frame;
        }

        private boolean wants(Published event) {
            return wanted.matchesAny(event.topics()) && (!event.isPrivate() || permitted.matchesAny(event.topics()));
        }

        /** Compares the received frames with the published updates. */
        void verify(List<Published> order, Set<String> held, String start, String end, int history) {
            Map<String, Integer> positions = new HashMap<>();
            for (int i = 0; i < order.size(); i++) {
                positions.put(order.get(i).id(), i);
                positions.put(order.get(i).checkpoint(), i);
            }
            int mayMiss = -1;
            int at = positions.get(start); // the reader has received, or knows that it has missed, all its events up to here
            for (String frame : received.toString().split("\n\n")) {
                if (frame.equals(": heartbeat")) {
                    continue;
                }
                String id = frame.substring(4, frame.indexOf('\n'));
                int position = positions.get(id);
                if (frame.contains("event: gap")) {
                    assertThat(positions.get(field(frame, "requested"))).as("the gap begins at the last event").isEqualTo(at);
                    int counted = order.stream().mapToInt(event -> event.topics().size()).sum();
                    assertThat(counted > history || order.stream().anyMatch(Published::isLost))
                            .as("there is a gap only if the history is too short, or an event is lost").isTrue();
                    assertThat(position).as("the gap ends at the last or a later event").isGreaterThanOrEqualTo(at);
                    String oldest = field(frame, "oldest");
                    assertThat(oldest).doesNotContain("urn:");
                    assertThat(oldest.equals("null") || positions.get(oldest) > position).isTrue();
                    if (position == at) { // events of one topic were left before a missing event of another
                        String newest = field(frame, "newest");
                        mayMiss = Math.max(mayMiss, positions.get(newest));
                    }
                    at = position;
                    continue;
                }
                assertThat(position).as("%s is new", id).isGreaterThanOrEqualTo(frame.endsWith("\n: end") ? at : at + 1);
                assertThat(missing(order, at, position - 1)).as("missing events before %s", frame)
                        // an event of several topics can be held by a topic that the reader does not want
                        .noneMatch(event -> event.topics().size() == 1 && held.contains(event.checkpoint()));
                assertThat(missing(order, Math.max(at, mayMiss), position - 1)).as("missing without a gap before %s", frame)
                        .isEmpty();
                if (frame.endsWith("\n: end")) {
                    assertEnded(order.subList(0, position + 1));
                }
                if (!frame.endsWith(": heartbeat") && !frame.endsWith("\n: end")) {
                    assertThat(wants(order.get(position))).as("%s is wanted", id).isTrue();
                } else {
                    assertThat(missing(order, Math.max(at, position - 1), position)).as("a heartbeat does not skip an event")
                            .isEmpty();
                }
                at = position;
            }
            assertThat(missing(order, Math.max(at, mayMiss), order.size() - 1)).as("the last event is received").isEmpty();
            assertThat(at).isGreaterThanOrEqualTo(positions.get(end));
        }

        /** The hub ends a stream only if the newest event of each topic ends it, and the reader has received this event. */
        private void assertEnded(List<Published> past) {
            assertThat(wanted.templates()).isEmpty();
            assertThat(wanted.any()).isFalse();
            for (String topic : wanted.exact()) {
                Published newest = past.reversed().stream().filter(event -> event.topics().contains(topic)).findFirst()
                        .orElseThrow();
                assertThat(newest.ends()).as("%s has ended", topic).isTrue();
                assertThat(wants(newest)).as("its end is visible").isTrue();
            }
        }

        private List<Published> missing(List<Published> order, int after, int upTo) {
            return after >= upTo ? List.of() : order.subList(after + 1, upTo + 1).stream().filter(this::wants).toList();
        }

        private static String field(String frame, String name) {
            Matcher matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(frame);
            assertThat(matcher.find()).isTrue();
            return matcher.group(1);
        }
    }

    private static final class BrokenOff extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
