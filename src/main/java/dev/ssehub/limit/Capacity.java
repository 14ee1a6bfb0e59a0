package dev.ssehub.limit;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** How many of something there are, and how many there may be; it tells when it is full. Any thread may call. */
final class Capacity {

    private static final System.Logger LOG = System.getLogger(Capacity.class.getName());

    /** Where connections come and go under attack, it is full and not full many times a second. */
    private static final long PAUSE = Duration.ofMinutes(1).toNanos();

    private final int most;
    private final int few;
    private final String warning;
    private final LongSupplier clock;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile long toldAt;

    /** @param warning what is told when it is full, but not again before a minute is over and a tenth has left */
    Capacity(int most, String warning) {
        this(most, warning, System::nanoTime);
    }

    Capacity(int most, String warning, LongSupplier clock) {
        this.most = most;
        this.few = most - Math.max(1, most / 10);
        this.warning = warning;
        this.clock = clock;
    }

    /** One more, if there may be; returns whether. */
    boolean add() {
        int before = count.getAndUpdate(n -> n < most ? n + 1 : n);
        tell(before + 1);
        return before < most;
    }

    /** One less. */
    void remove() {
        count(-1);
    }

    /** So many more, whether there may be or not. */
    void count(int more) {
        tell(count.addAndGet(more));
    }

    private void tell(int now) {
        if (now >= most && told.compareAndSet(false, true)) {
            toldAt = clock.getAsLong();
            LOG.log(Level.WARNING, warning);
        } else if (now <= few && told.get() && clock.getAsLong() - toldAt >= PAUSE) {
            told.set(false);
        }
    }

    int count() {
        return count.get();
    }

    /** How many more there may be. */
    int left() {
        return most - count.get();
    }
}
