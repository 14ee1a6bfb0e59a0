package dev.ssehub.feed;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.HubClosedException;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class TickerTest {
    @Property
    void theNextTickIsTheFirstWholeMultipleAfterNow(
            @ForAll @LongRange(min = -100_000_000_000_000L, max = 4_000_000_000_000_000_000L) long now,
            @ForAll @LongRange(min = 1_000_000, max = 86_400_000_000_000L) long interval) {
        Instant next = Ticker.next(Instant.EPOCH.plusNanos(now), Duration.ofNanos(interval));

        long nanos = TimeUnit.SECONDS.toNanos(next.getEpochSecond()) + next.getNano();
        assertThat(Math.floorMod(nanos, interval)).isZero();
        assertThat(nanos - now).isPositive().isLessThanOrEqualTo(interval);
    }

    /** The clock sets the time of each tick, however long the previous tick has taken: 20 ticks take 20 intervals. */
    @Example
    void aLateTickDoesNotShiftTheNextOneAndMissedTicksAreSkipped() throws InterruptedException {
        Duration interval = Duration.ofMillis(50);
        List<Instant> due = new CopyOnWriteArrayList<>();
        CountDownLatch twenty = new CountDownLatch(20);
        try (Ticker _ = new Ticker("test", interval, InstantSource.system(), () -> {
            due.add(Ticker.next(Instant.now(), interval).minus(interval));
            if (due.size() == 5) {
                pause(Duration.ofMillis(130)); // past the next two ticks
            } else {
                pause(Duration.ofMillis(20));
            }
            twenty.countDown();
        })) {
            assertThat(twenty.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(due).doesNotHaveDuplicates();
        assertThat(Duration.between(due.get(4), due.get(5))).isGreaterThanOrEqualTo(interval.multipliedBy(3));
        long intervals = Duration.between(due.getFirst(), due.get(19)).dividedBy(interval);
        assertThat(intervals).isGreaterThanOrEqualTo(21);
    }

    /** A clock for one ticker. Its time passes as soon as the ticker waits for it, until the test stops it. */
    private static final class FastTime extends CountDownLatch implements InstantSource {
        private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-24T10:00:00.25Z"));
        private volatile boolean stopped;

        FastTime() {
            super(1);
        }

        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public boolean await(long time, TimeUnit unit) throws InterruptedException {
            if (stopped) {
                super.await();
            }
            now.updateAndGet(before -> before.plus(time, unit.toChronoUnit()));
            return getCount() == 0;
        }
    }

    /** Another feed is not affected. */
    @Example
    void aFailingTaskRunsLessOftenUntilItSucceeds() throws InterruptedException {
        FastTime time = new FastTime();
        List<Instant> tries = new CopyOnWriteArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        CountDownLatch healthy = new CountDownLatch(20);
        Ticker.Task failing = () -> {
            tries.add(time.instant());
            switch (tries.size()) {
                case 1, 3, 5, 7 -> throw new IOException("expected by this test");
                case 10, 11 -> {
                    return;
                }
                case 13 -> {
                    time.stopped = true;
                    done.countDown();
                }
                default -> throw new IllegalStateException("expected by this test");
            }
        };
        try (Ticker _ = new Ticker("healthy", Duration.ofMillis(10), InstantSource.system(), healthy::countDown);
                Ticker _ = new Ticker("failing", Duration.ofSeconds(1), time, failing, time)) {
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(healthy.await(10, TimeUnit.SECONDS)).isTrue();
        }

        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i < tries.size(); i++) {
            pauses.add(Duration.between(tries.get(i - 1), tries.get(i)).toSeconds());
        }
        assertThat(tries.getFirst()).isEqualTo(Instant.parse("2026-11-24T10:00:01Z"));
        assertThat(pauses).containsExactly(2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L, 60L, 1L, 1L, 2L);
    }

    @Example
    void aPauseIsNeverShorterThanTheInterval() {
        assertThat(Ticker.pause(3, Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
        assertThat(Ticker.pause(1, Duration.ofSeconds(40))).isEqualTo(Duration.ofMinutes(1));
        assertThat(Ticker.pause(1_000_000_000, Duration.ofMillis(10))).isEqualTo(Duration.ofMinutes(1));
        assertThat(Ticker.pause(0, Duration.ofMillis(10))).isEqualTo(Duration.ofMillis(10));
    }

    /** An expected failure is one line. The stack trace of an unexpected one is logged once. A closed hub is not logged. */
    @Example
    void logsFailuresButNotTheEndOfTheHub() throws InterruptedException {
        Logger logger = Logger.getLogger(Ticker.class.getName());
        List<LogRecord> records = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                records.add(entry);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Level level = logger.getLevel();
        logger.addHandler(handler);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        try {
            AtomicInteger tries = new AtomicInteger();
            AtomicReference<Thread> thread = new AtomicReference<>();
            CountDownLatch ended = new CountDownLatch(1);
            FastTime time = new FastTime();
            try (Ticker _ = new Ticker("feed-test", Duration.ofSeconds(1), time, () -> {
                thread.set(Thread.currentThread());
                switch (tries.incrementAndGet()) {
                    case 1 -> throw new IllegalStateException("oh");
                    case 2 -> throw new IllegalStateException("again");
                    case 3 -> throw new IOException("no permission to read x");
                    default -> {
                        ended.countDown();
                        throw new HubClosedException();
                    }
                }
            }, time)) {
                assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
                assertThat(thread.get().join(Duration.ofSeconds(10))).as("the ticker ends by itself").isTrue();
            }
            assertThat(records).extracting(LogRecord::getMessage).containsExactly(
                    "feed-test failed and will try again in PT2S",
                    "feed-test failed and will try again in PT4S: java.lang.IllegalStateException: again",
                    "feed-test failed and will try again in PT8S: no permission to read x");
            assertThat(records).extracting(entry -> entry.getThrown() != null).containsExactly(true, false, false);
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(level);
            logger.setUseParentHandlers(true);
        }
    }

    @Example
    void settingTheClockBackMovesOnlyTheNextTick() throws InterruptedException {
        AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);
        CountDownLatch before = new CountDownLatch(2);
        CountDownLatch after = new CountDownLatch(2);
        try (Ticker _ = new Ticker("test", Duration.ofMillis(20), () -> Instant.now().plus(offset.get()), () -> {
            if (offset.get().isZero()) {
                before.countDown();
            } else {
                after.countDown();
            }
        })) {
            assertThat(before.await(10, TimeUnit.SECONDS)).isTrue();
            offset.set(Duration.ofHours(-1));
            assertThat(after.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Example
    void closingEndsTheNamedThread() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch ticked = new CountDownLatch(1);
        Ticker ticker = new Ticker("feed-test", Duration.ofMillis(10), InstantSource.system(), () -> {
            thread.set(Thread.currentThread());
            ticked.countDown();
        });
        assertThat(ticked.await(10, TimeUnit.SECONDS)).isTrue();
        ticker.close();
        ticker.close();

        assertThat(thread.get().getName()).isEqualTo("feed-test");
        assertThat(thread.get().isAlive()).isFalse();
    }

    /** The hub must stop even if a file system hangs. */
    @Example
    void closeDoesNotWaitForAHangingTask() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Ticker ticker = new Ticker("feed-test", Duration.ofMillis(10), InstantSource.system(), () -> {
            hangs.countDown();
            while (end.getCount() > 0) {
                pause(Duration.ofMillis(5));
            }
        });
        assertThat(hangs.await(10, TimeUnit.SECONDS)).isTrue();
        long start = System.nanoTime();
        ticker.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
        end.countDown();
    }

    /** Stands for work that takes time. */
    private static void pause(Duration duration) {
        try {
            new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
