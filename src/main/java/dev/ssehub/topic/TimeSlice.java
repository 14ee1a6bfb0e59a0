package dev.ssehub.topic;

import module java.base;

/**
 * The time for which a long computation runs before it pauses. Virtual threads are not preempted, so without pauses a few long
 * computations would stop all other threads. Each computation creates its own time slice. For one thread.
 */
public final class TimeSlice {
    private static final long SLICE_NANOS = 2_000_000;
    /**
     * A pause and not Thread.yield(), which helps only the threads that already wait for the same carrier thread. The thread keeps
     * its turn ({@code Turns}) meanwhile: if it gave the turn away, ticks and health checks would come later, not sooner.
     */
    private static final long PAUSE_NANOS = 50_000;

    private long start = System.nanoTime();

    /** Pauses if the slice is used up, and then begins a new slice. Returns whether it paused. A thread stays interrupted. */
    public boolean pauseIfOver() {
        if (System.nanoTime() - start < SLICE_NANOS) {
            return false;
        }
        boolean interrupted = Thread.interrupted(); // the thread would not pause otherwise
        long end = System.nanoTime() + PAUSE_NANOS;
        for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
            LockSupport.parkNanos(end - now); // returns at once the first time if the thread was interrupted
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        start = System.nanoTime();
        return true;
    }
}
