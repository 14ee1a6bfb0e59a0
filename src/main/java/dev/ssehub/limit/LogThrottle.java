package dev.ssehub.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** For lines of the log that anybody can cause, as often as he likes. Any thread may call. */
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

    /** Whether the line is due; if so, not again for a minute. */
    public boolean isDue() {
        long now = nanoTime.getAsLong();
        long before = last.get();
        return now - before >= PAUSE && last.compareAndSet(before, now);
    }
}
