package dev.ssehub.history.file;

import module java.base;
import static dev.ssehub.history.file.OpenLog.LARGE;
import static dev.ssehub.history.file.OpenLog.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.history.file.OpenLog.Added;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is given up leaves the file and the memory in small steps. */
@Timeout(60)
class FileHistoryExpiryTest {
    /** 20 ms on a machine of its own. The tests of the build share theirs. */
    private static final Duration MAX_DELAY = Duration.ofMillis(250);

    @TempDir
    private Path folder;
    private Path file;
    private final AtomicLong nanos = new AtomicLong();

    @BeforeEach
    void name() {
        file = folder.resolve("hub.db");
    }

    private OpenLog open(Limits limits, long millis) throws IOException {
        return OpenLog.open(file, limits, () -> Instant.ofEpochMilli(millis), nanos::get);
    }

    /** Appends while events are given up, and checks how long an append took. On a busy machine, a few take longer. */
    private static void assertSoonAdded(OpenLog log, int appends) {
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < appends; i++) {
            long start = System.nanoTime();
            Added added = log.begin(new Update("new", "x"));
            delays.add(Duration.ofNanos(added.doneNanos() - start));
            LockSupport.parkNanos(100_000);
        }
        Collections.sort(delays);
        assertThat(delays.get(appends * 95 / 100)).as("the longest took %s", delays.getLast()).isLessThan(MAX_DELAY);
    }

    /** The events have ids of publishers, which are given up as well. */
    @Test
    void theEndOfManyEventsDelaysNoPublisher() throws Exception {
        try (OpenLog log = open(LARGE, 5_000)) {
            Added last = log.begin(new Update("first", "x"));
            for (int i = 0; i < 50_000; i++) {
                last = log.begin(new Update(List.of("t" + i % 500), "x", null, "own" + i, null, false));
            }
            last.await();
            nanos.addAndGet(Duration.ofHours(2).toNanos());
            assertSoonAdded(log, 500);
            log.settle();
            assertSoonAdded(log, 1_500); // meanwhile, the ids are given up
            assertThat(OpenLog.rows(file, "past")).isEqualTo(2_000);
            assertThat(log.read(START, "*").positions()).hasSize(2_000);
            assertThat(OpenLog.rows(file, "own_id")).isLessThanOrEqualTo(11_000);
        }
    }

    /** All topics are checked after a restart. */
    @Test
    void theEndOfManyTopicsAfterARestartDelaysNoPublisher() throws Exception {
        try (OpenLog log = open(LARGE, 5_000)) {
            for (int i = 0; i < 10_000; i++) {
                log.begin(new Update("t" + i, "x"));
            }
        }
        try (OpenLog log = open(LARGE, 5_000 + Duration.ofHours(2).toMillis())) {
            assertSoonAdded(log, 100);
            log.settle();
            assertThat(OpenLog.rows(file, "event")).isEqualTo(100);
            assertThat(OpenLog.rows(file, "topic")).isEqualTo(1);
        }
    }

    /** A client that reads while events are given up gets no event twice, and is told what is lost. */
    @Test
    void aReaderGetsNothingTwiceAndNothingIsSilent() throws Exception {
        Limits limits = OpenLog.limits(2_000);
        try (OpenLog log = open(limits, 5_000); ExecutorService reader = Executors.newSingleThreadExecutor()) {
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<List<Long>> read = new AtomicReference<>(new ArrayList<>());
            AtomicLong lost = new AtomicLong();
            Future<?> reading = reader.submit(() -> {
                long after = START;
                while (!done.get() || after < log.history.newest()) {
                    OpenLog.Read next = log.read(after, "t{n}");
                    read.get().addAll(next.positions());
                    lost.accumulateAndGet(next.lost(), Math::max);
                    after = next.positions().isEmpty() ? after : next.positions().getLast();
                    if (!next.positions().isEmpty() && next.lost() == 0) {
                        assertThat(next.positions().getLast() - next.positions().getFirst() + 1)
                                .isEqualTo(next.positions().size());
                    }
                }
            });
            for (int i = 0; i < 20_000; i++) {
                Added added = log.begin(new Update("t" + i % 50, "x"));
                if (i % 500 == 0) {
                    added.await();
                }
            }
            log.append("t1");
            done.set(true);
            reading.get(20, TimeUnit.SECONDS);
            assertThat(read.get()).isSorted().doesNotHaveDuplicates().endsWith(log.history.newest());
        }
    }

    @Test
    void topicsThatCameAndWentLeaveNothing() throws Exception {
        try (OpenLog log = open(OpenLog.limits(100), 5_000)) {
            for (int i = 0; i < 20_000; i++) {
                log.begin(new Update(List.of("t" + i, "u" + i), "x", null, null, null, false));
            }
            log.append("last");
            log.settle();
            assertThat(OpenLog.rows(file, "topic")).isLessThanOrEqualTo(101);
            nanos.addAndGet(Duration.ofHours(2).toNanos());
            log.settle();
            for (String table : List.of("topic", "past", "event", "own_id", "gone")) {
                assertThat(OpenLog.rows(file, table)).as(table).isZero();
            }
            assertThat(OpenLog.rows(file, "mark")).isEqualTo(1);
            assertThat(log.topics()).isZero();
        }
    }

    @Test
    void aForgottenTopicIsServedNoMore() throws IOException {
        Event secret;
        try (OpenLog log = open(LARGE, 5_000)) {
            log.begin(new Update(List.of("secret"), "password", null, "own", null, false)).event();
            log.append("other");
            secret = Objects
                    .requireNonNull(log.begin(new Update(List.of("secret", "public"), "x", null, null, null, false)).event());
            log.history.forget("secret").run();
            assertThat(log.read(START, "secret").positions()).isEmpty();
            assertThat(log.read(START, "secret").lost()).isEqualTo(secret.position());
            assertThat(log.read(START, "public").positions()).containsExactly(secret.position());
            assertThat(log.find("own")).isEqualTo(dev.ssehub.history.History.UNKNOWN);
            assertThat(log.topics()).isEqualTo(2);
        }
        try (OpenLog log = open(LARGE, 5_000)) {
            assertThat(log.read(START, "secret").positions()).isEmpty();
            assertThat(log.read(START, "*").positions()).hasSize(2);
        }
    }
}
