package dev.ssehub.limit;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An amount that clients share, of bytes or connections: they take parts of it and give them back. Any thread may call. */
final class Budget {

    // The operator is warned when nothing is left, but at most once a minute, and not again before a tenth was free in between.
    // Under attack, a budget can run out many times a second.

    private static final System.Logger LOG = System.getLogger(Budget.class.getName());

    private final long amount;
    private final AtomicLong left;
    private final @Nullable Supplier<String> warning;
    private final LogThrottle throttle;
    private final AtomicBoolean canWarn = new AtomicBoolean(true);

    /** Creates a budget that does not warn. */
    Budget(long amount) {
        this(amount, null, System::nanoTime);
    }

    /** @param warning returns what to tell the operator when nothing is left */
    Budget(long amount, Supplier<String> warning) {
        this(amount, warning, System::nanoTime);
    }

    Budget(long amount, @Nullable Supplier<String> warning, LongSupplier nanoTime) {
        this.amount = amount;
        this.left = new AtomicLong(amount);
        this.warning = warning;
        this.throttle = new LogThrottle(nanoTime);
    }

    /** Takes a part if that much is left; returns whether it did. */
    boolean take(long part) {
        return take(part, part);
    }

    /** Takes a part if at least {@code needed} is left, which is no less than the part; returns whether it did. */
    boolean take(long part, long needed) {
        long before = left.getAndUpdate(now -> now >= needed ? now - part : now);
        if (before < needed || before == part) {
            warn();
        }
        return before >= needed;
    }

    /** Takes a part even if less is left; {@link #left} is negative then. */
    void takeAnyway(long part) {
        if (left.addAndGet(-part) <= 0) {
            warn();
        }
    }

    void giveBack(long part) {
        if (left.addAndGet(part) >= Math.max(1, amount / 10) && !canWarn.get()) {
            canWarn.set(true);
        }
    }

    private void warn() {
        if (warning != null && canWarn.get() && canWarn.compareAndSet(true, false) && throttle.isDue()) {
            LOG.log(Level.WARNING, warning.get());
        }
    }

    long left() {
        return left.get();
    }

    long taken() {
        return amount - left.get();
    }
}
