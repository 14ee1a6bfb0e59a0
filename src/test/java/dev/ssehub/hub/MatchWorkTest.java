package dev.ssehub.hub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.TimeSlice;
import org.junit.jupiter.api.Test;

class MatchWorkTest {
    @Test
    void limitedWorkEndsAfterAHundredSlices() {
        Iterator<Boolean> sliceEnds = Stream.generate(() -> List.of(false, false, true)).flatMap(List::stream).iterator();
        MatchWork work = new MatchWork(sliceEnds::next, true);
        for (int i = 0; i < 3 * 100; i++) {
            work.run();
        }
        work.run();
        work.run();
        assertThatThrownBy(work::run).isInstanceOfSatisfying(LimitExceededException.class,
                e -> assertThat(e.limit()).isEqualTo(Limit.MATCHING)).hasMessageContaining("not published");
    }

    @Test
    void limitedWorkOfAnInterruptedThreadEndsWithTheSlice() {
        AtomicBoolean sliceEnds = new AtomicBoolean();
        MatchWork limited = new MatchWork(sliceEnds::get, true);
        MatchWork unlimited = new MatchWork(sliceEnds::get, false);
        Thread.currentThread().interrupt();
        try {
            limited.run();
            sliceEnds.set(true);
            unlimited.run();
            assertThatThrownBy(limited::run).isInstanceOf(LimitExceededException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void unlimitedWorkDoesNotEnd() {
        MatchWork work = new MatchWork(() -> true, false);
        assertThatCode(() -> IntStream.range(0, 1_000).forEach(_ -> work.run())).doesNotThrowAnyException();
    }

    /** A thread that does not pause stops all others. */
    @Test
    void anInterruptedThreadPausesAndStaysInterrupted() {
        TimeSlice slice = new TimeSlice();
        Thread.currentThread().interrupt();
        try {
            long pauses = 0;
            long inPauses = 0;
            while (pauses < 20) {
                long start = System.nanoTime();
                if (slice.pauseIfOver()) {
                    pauses++;
                    inPauses += System.nanoTime() - start;
                }
            }
            assertThat(inPauses).isGreaterThanOrEqualTo(20 * 50_000);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
