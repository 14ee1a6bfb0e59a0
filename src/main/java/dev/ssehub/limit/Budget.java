package dev.ssehub.limit;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A shared amount of bytes or connections. Clients take parts of it and give them back. Thread-safe. */
public final class Budget {
    // A warning is logged when nothing is left, but at most once a minute, and only if a tenth has been free since the last
    // warning. Under attack, a budget can run out many times a second.

    private static final System.Logger LOG = System.getLogger(Budget.class.getName());
    private static final long FAIR_DIVISOR = 1024;

    private final long amount;
    private final AtomicLong left;
    private final @Nullable Supplier<String> warning;
    private final LogThrottle throttle;
    private final AtomicBoolean canWarn = new AtomicBoolean(true);

    /** Creates a budget that does not warn. */
    public Budget(long amount) {
        this(amount, null, System::nanoTime);
    }

    /** @param warning returns the message to log when nothing is left */
    Budget(long amount, Supplier<String> warning) {
        this(amount, warning, System::nanoTime);
    }

    Budget(long amount, @Nullable Supplier<String> warning, LongSupplier nanoTime) {
        this.amount = amount;
        this.left = new AtomicLong(amount);
        this.warning = warning;
        this.throttle = new LogThrottle(1, nanoTime);
    }

    /** Takes a part if enough is left. Returns whether the part was taken. */
    boolean take(long part) {
        return take(part, part);
    }

    /**
     * Takes a part for a client that already holds some. While half of the budget is left, a client can take what it needs. Below
     * that, it can hold only a small fraction of what is left, so that large clients are refused first. Returns whether it took the part.
     */
    public boolean takeFairly(long part, long held) {
        return take(part, Math.min(amount / 2 + part, FAIR_DIVISOR * (held + part)));
    }

    private boolean take(long part, long needed) {
        long before = left.getAndUpdate(now -> now >= needed ? now - part : now);
        if (before < needed || before == part) {
            warn();
        }
        return before >= needed;
    }

    /** Takes a part even if less is left. Then {@link #left} becomes negative. */
    void takeAnyway(long part) {
        if (left.addAndGet(-part) <= 0) {
            warn();
        }
    }

    public void giveBack(long part) {
        if (left.addAndGet(part) >= Math.max(1, amount / 10) && !canWarn.get()) {
            canWarn.set(true);
        }
    }

    private void warn() {
        if (warning != null && canWarn.get() && canWarn.compareAndSet(true, false) && throttle.isDue()) {
            LOG.log(Level.WARNING, warning.get());
        }
    }

    public long left() {
        return left.get();
    }

    long taken() {
        return amount - left.get();
    }
}
