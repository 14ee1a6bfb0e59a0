package dev.ssehub.topic;

import java.util.concurrent.locks.LockSupport;

/**
 * What a long computation takes before others have theirs. Virtual threads are not interrupted for each other: a few that compute
 * would keep all others from running. For one thread.
 */
public final class TimeSlice {

    private static final long LONGEST_NANOS = 2_000_000;
    /** A yield would only let those run that wait for the same carrier already. */
    private static final long PAUSE_NANOS = 50_000;

    private long begun = System.nanoTime();

    /** Lets others run if it has lasted long enough, and says whether it has. */
    public boolean passes() {
        if (System.nanoTime() - begun < LONGEST_NANOS) {
            return false;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        begun = System.nanoTime();
        return true;
    }
}
