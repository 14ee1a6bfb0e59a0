package dev.ssehub.hub;

import module java.base;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.TimeSlice;

/**
 * The work of finding the subscribers of one update. It is called before each step, and pauses after each slice of time, so that
 * other threads can run. If the work is limited, it ends after too many slices, or when the thread is interrupted because its
 * request is late. For one thread.
 */
final class MatchWork implements Runnable {
    // Slices are counted, not time: while the machine or the process stands still, at most one slice ends.

    /** A slice takes 2 ms. Most searches take less than one slice. */
    private static final int MAX_SLICES = 100;

    private final BooleanSupplier sliceEnds;
    private final boolean limited;
    private int slices;

    /** The supplier pauses if a slice has ended, and returns whether it has paused. */
    MatchWork(BooleanSupplier sliceEnds, boolean limited) {
        this.sliceEnds = sliceEnds;
        this.limited = limited;
    }

    static MatchWork limited() {
        return new MatchWork(new TimeSlice()::pauseIfOver, true);
    }

    /** Creates work without a limit, for the hub's own updates. */
    static MatchWork unlimited() {
        return new MatchWork(new TimeSlice()::pauseIfOver, false);
    }

    @Override
    public void run() {
        if (sliceEnds.getAsBoolean() && limited) {
            slices++;
            if (slices > MAX_SLICES || Thread.currentThread().isInterrupted()) {
                throw new LimitExceededException(Limit.MATCHING, "it takes too long to find the subscribers of this update; "
                        + "it was not published, and with fewer or shorter topics it may be");
            }
        }
    }
}
