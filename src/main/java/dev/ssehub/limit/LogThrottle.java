package dev.ssehub.limit;

import module java.base;

/** Limits a log message that clients can cause: at most one per minute is logged. Thread-safe. */
public final class LogThrottle {
    private static final long PAUSE = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private final AtomicLong last;

    public LogThrottle() {
        this(System::nanoTime);
    }

    public LogThrottle(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = new AtomicLong(nanoTime.getAsLong() - PAUSE);
    }

    /** Returns whether to log the message now. Returns {@code true} at most once per minute. */
    public boolean isDue() {
        long now = nanoTime.getAsLong();
        long before = last.get();
        return now - before >= PAUSE && last.compareAndSet(before, now);
    }
}
