package dev.ssehub.topic;

import java.util.concurrent.locks.LockSupport;

/**
 * The time that a long computation runs before it lets other threads run. The scheduler does not preempt virtual threads: without
 * such pauses a few computing threads would stop all the others. Each computation has its own time slice.
 */
public final class TimeSlice {

    private static final long SLICE_NANOS = 2_000_000;
    /** Thread.yield() would only help threads that already wait for the same carrier. */
    private static final long PAUSE_NANOS = 50_000;

    private long start = System.nanoTime();

    /** Pauses if the slice is used up. Returns whether it paused; then a new slice begins. */
    public boolean pauseIfOver() {
        if (System.nanoTime() - start < SLICE_NANOS) {
            return false;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        start = System.nanoTime();
        return true;
    }
}
