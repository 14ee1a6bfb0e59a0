package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a process ends by itself. {@code JarIT} tries it with a process that can no longer accept connections. */
class LastResortTest {
    private static final int CHECKS_TO_STOP = 3;

    private final AtomicBoolean listens = new AtomicBoolean(true);
    private final AtomicBoolean full = new AtomicBoolean();
    private final List<String> ends = new ArrayList<>();
    private final LastResort lastResort = new LastResort(listens::get, this::probe, reason -> note("stop", reason),
            reason -> note("end", reason), () -> CHECKS_TO_STOP);

    private void probe() {
        if (full.get()) {
            throw new OutOfMemoryError("thrown by the test");
        }
    }

    private void note(String how, byte[] reason) {
        ends.add(how + ": " + new String(reason, US_ASCII));
    }

    private void check(int times) {
        for (int i = 0; i < times; i++) {
            lastResort.check();
        }
    }

    @Test
    void aHealthyProcessLives() {
        check(100);
        assertThat(ends).isEmpty();
    }

    @Test
    void aProcessThatDoesNotListenStopsOnceAndEndsIfItDoesNotStop() {
        listens.set(false);
        check(1 + CHECKS_TO_STOP);
        assertThat(ends).containsExactly("stop: sse-hub: the thread that accepts connections has ended; the hub stops\n");
        check(1);
        assertThat(ends).last().isEqualTo("end: sse-hub: the hub has not stopped in time; the process ends\n");
    }

    @Test
    void aProcessThatStopsNeedNotListen() {
        lastResort.stopping();
        listens.set(false);
        check(CHECKS_TO_STOP);
        assertThat(ends).isEmpty();
        check(1);
        assertThat(ends).containsExactly("end: sse-hub: the hub has not stopped in time; the process ends\n");
    }

    @Test
    void aFullHeapEndsTheProcessUnlessItRecovers() {
        full.set(true);
        check(LastResort.FAILED_PROBES - 1);
        full.set(false);
        check(1);
        full.set(true);
        check(LastResort.FAILED_PROBES - 1);
        assertThat(ends).isEmpty();
        check(1);
        assertThat(ends).containsExactly("end: sse-hub: the heap is full; the process ends\n");
    }
}
