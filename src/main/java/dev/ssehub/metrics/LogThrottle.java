package dev.ssehub.metrics;

import module java.base;

/** Limits a log message that clients can cause: to one line per minute, or to some. Thread-safe. */
public final class LogThrottle {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final int linesPerMinute;
    private final LongSupplier nanoTime;
    private long minuteStart;
    private int lines;
    private long leftOut;

    public LogThrottle() {
        this(1, System::nanoTime);
    }

    public LogThrottle(int linesPerMinute, LongSupplier nanoTime) {
        this.linesPerMinute = linesPerMinute;
        this.nanoTime = nanoTime;
        this.minuteStart = nanoTime.getAsLong();
    }

    /** Returns whether to log the message now. */
    public boolean isDue() {
        return admit().isPresent();
    }

    /**
     * Decides about a message. Returns how many were left out since the last one was logged, or nothing if this one must be left out
     * as well.
     */
    public synchronized OptionalLong admit() {
        long now = nanoTime.getAsLong();
        if (now - minuteStart >= MINUTE) {
            minuteStart = now;
            lines = 0;
        }
        if (lines >= linesPerMinute) {
            leftOut++;
            return OptionalLong.empty();
        }
        lines++;
        long before = leftOut;
        leftOut = 0;
        return OptionalLong.of(before);
    }

    /** Returns what a message adds to its text if others were left out. */
    public static String more(long leftOut) {
        return leftOut == 0 ? "" : " (and " + leftOut + " more like this since it was last logged)";
    }
}
