package dev.ssehub.subscriber;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriteWatchTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void aWriteWithoutProgressHangsButAPauseDoesNot() {
        WriteWatch watch = new WriteWatch(now::get, () -> {});
        now.set(5);
        assertThat(watch.hangs(5)).as("the thread that subscribes is the first drainer").isTrue();
        watch.progressed();
        assertThat(watch.hangs(5)).isFalse();
        now.set(10);
        assertThat(watch.hangs(5)).isTrue();

        watch.end();
        now.set(100);
        assertThat(watch.hangs(5)).isFalse();
        assertThat(watch.isIdle(90)).as("the drainer will write again").isFalse();
        watch.rest();
        assertThat(watch.isIdle(90)).isTrue();
        assertThat(watch.isIdle(91)).isFalse();

        watch.begin();
        assertThat(watch.hangs(5)).as("the time before the write does not count").isFalse();
    }

    /** Otherwise many slow clients could hold large frames that the history has evicted long ago. */
    @Test
    void theWriteOfALargeFrameIsStalledAlthoughItMakesProgress() {
        WriteWatch watch = new WriteWatch(now::get, () -> {});
        watch.largeFrame(new byte[1]);
        now.set(4);
        assertThat(watch.isStalled(5)).isFalse();
        now.set(5);
        watch.progressed();
        assertThat(watch.hangs(5)).isFalse();
        assertThat(watch.isStalled(5)).isTrue();
        watch.end();
        assertThat(watch.isStalled(0)).isFalse();
    }

    @Test
    void interruptsOnlyACurrentDrainer() {
        WriteWatch watch = new WriteWatch(now::get, () -> {});
        watch.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        watch.end();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        watch.interrupt();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void keepsAnInterruptOfAnotherThread() {
        WriteWatch watch = new WriteWatch(now::get, () -> {});
        Thread.currentThread().interrupt();
        watch.end();
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Writes are interrupted at any moment, but no interrupt is left after a write, when the drainer serves another subscriber. */
    @Test
    void anInterruptNeverReachesTheNextSubscriber() throws InterruptedException {
        WriteWatch hanging = new WriteWatch(now::get, () -> {});
        Thread interrupter = Thread.ofPlatform().name("interrupter").start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                synchronized (hanging) {
                    hanging.interrupt();
                }
                LockSupport.parkNanos(1);
            }
        });
        int interrupts = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try {
            while (interrupts < 1_000) {
                synchronized (hanging) {
                    hanging.begin();
                }
                for (int spin = 0; spin < 200 && !Thread.currentThread().isInterrupted(); spin++) {
                    Thread.onSpinWait(); // stands for the write
                }
                if (Thread.currentThread().isInterrupted()) {
                    interrupts++;
                }
                synchronized (hanging) {
                    hanging.end();
                }
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        } finally {
            interrupter.interrupt();
            interrupter.join();
        }
    }
}
