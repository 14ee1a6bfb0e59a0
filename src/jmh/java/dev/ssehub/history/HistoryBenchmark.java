package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** A history with a million events of 100 bytes in 100,000 topics: reading one topic, reading everything per event, appending. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(jvmArgsAppend = "-Xmx2g")
public class HistoryBenchmark {
    private static final int EVENTS = 1_000_000;
    private static final int TOPICS = 100_000;
    private static final int READ_SIZE = 64 * 1024;
    private static final long START = HubId.position(1_000, 0);
    private static final String DATA = "x".repeat(100);

    @Param({"memory", "file"})
    public String log;
    private final Random random = new Random(1);
    private Path folder;
    private History history;
    private long position = START;

    @Setup
    public void fill() throws IOException {
        Limits limits = new Limits(EVENTS, Duration.ofDays(1), 1L << 32);
        if (log.equals("file")) {
            folder = Files.createTempDirectory("history");
            history = FileHistory.open(folder.resolve("hub.db"), Sync.OS, limits, new Meters(), InstantSource.system());
        } else {
            history = new MemoryHistory(limits, System::nanoTime);
        }
        history.start(START);
        Addition last = null;
        for (int i = 0; i < EVENTS; i++) {
            last = add(i % TOPICS);
            if (i % 1_000 == 0) {
                last.await();
            }
        }
        last.await();
    }

    @TearDown
    public void close() throws IOException {
        history.close();
        if (folder != null) {
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> file.toFile().delete());
            }
            Files.delete(folder);
        }
    }

    private Addition add(int topic) {
        Addition addition = new Addition(++position, new Update("t/" + topic, DATA)) {
            @Override
            protected void added(Event event) {}
        };
        history.append(addition);
        return addition;
    }

    /** One topic with 10 events, from the beginning. */
    @Benchmark
    public void topic(Blackhole client) {
        read("t/" + random.nextInt(TOPICS), EVENTS / TOPICS, client);
    }

    /** The whole log. */
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void all(Blackhole client) {
        read("*", EVENTS, client);
    }

    /** One event of a publisher that waits for its answer. The history gives up another event. */
    @Benchmark
    public void append() {
        add(random.nextInt(TOPICS)).await();
    }

    private void read(String selector, int events, Blackhole client) {
        int left = events;
        long after = START;
        long told = History.UNKNOWN;
        Selection selection = history.select(SelectorSet.of(List.of(TopicSelector.parse(selector))), after, told);
        for (boolean atEnd = false; !atEnd;) {
            Slice slice = history.read(new Query(after, told, selection, _ -> true, Event::size, READ_SIZE));
            client.consume(slice.events());
            left -= slice.events().size();
            after = slice.upTo();
            told = slice.told();
            atEnd = slice.atEnd();
        }
        if (left != 0) {
            throw new IllegalStateException(left + " events are missing");
        }
    }
}
