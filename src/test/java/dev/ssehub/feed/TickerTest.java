package dev.ssehub.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

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

    /** Each tick comes at its time by the clock, whatever the one before has cost: 20 ticks take 20 intervals. */
    @Example
    void aLateTickDoesNotShiftTheNextAndMissedOnesAreNotMadeUpFor() throws InterruptedException {
        Duration interval = Duration.ofMillis(50);
        List<Instant> due = new CopyOnWriteArrayList<>();
        CountDownLatch twenty = new CountDownLatch(20);
        try (Ticker _ = new Ticker("test", interval, InstantSource.system(), () -> {
            due.add(Ticker.next(Instant.now(), interval).minus(interval));
            if (due.size() == 5) {
                pause(Duration.ofMillis(130)); // over the next two
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

    @Example
    void aTaskThatFailsComesAgain() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch again = new CountDownLatch(3);
        try (Ticker _ = new Ticker("test", Duration.ofMillis(10), InstantSource.system(), () -> {
            runs.incrementAndGet();
            again.countDown();
            throw new IllegalStateException("expected by this test");
        })) {
            assertThat(again.await(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(runs).hasValueGreaterThanOrEqualTo(3);
    }

    @Example
    void aClockThatStepsBackOnlyMovesTheNextTick() throws InterruptedException {
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
    void runsOnAThreadOfItsNameThatEndsWhenItIsClosed() throws InterruptedException {
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

    /** Stands for work that takes time: time is what these tests are about. */
    private static void pause(Duration duration) {
        try {
            new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
