package dev.ssehub.bench.load;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What the subscribers of one thread have received. */
public final class Tally {

    // Only the thread of the subscribers writes, and without an atomic operation for each delivery. The atomic and volatile
    // fields are for others, who see the state of the last publish(); the rest they may read when the thread has ended.

    public static final int DIGITS = 3;
    private static final long HIGHEST_LATENCY = TimeUnit.HOURS.toNanos(1);

    private final Histogram latency = new Histogram(TimeUnit.MICROSECONDS.toNanos(1), HIGHEST_LATENCY, DIGITS);
    private int[] deliveries = new int[1024];
    private long receivedNow;
    private long eventsNow;
    private long bytesNow;
    private long lastReceipt;
    private long repeated;
    private long outOfOrder;
    private long strays;

    private final AtomicLong received = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger endedEarly = new AtomicInteger();
    private volatile @Nullable String firstFailure;
    private volatile @Nullable String firstEnd;

    /** A subscriber has its stream. */
    void connect() {
        connected.incrementAndGet();
    }

    /** So many subscribers have got none. */
    void fail(int subscribers, String reason) {
        firstFailure = Objects.requireNonNullElse(firstFailure, reason);
        failed.addAndGet(subscribers);
    }

    /** A subscriber's stream has ended. */
    void end(String reason) {
        firstEnd = Objects.requireNonNullElse(firstEnd, reason);
        endedEarly.incrementAndGet();
    }

    /** So many bytes were read. */
    void read(int count) {
        bytesNow += count;
    }

    /** A stream has had an event, whichever. */
    void event() {
        eventsNow++;
    }

    /** An event has reached a subscriber before. */
    void repeat() {
        repeated++;
    }

    /** A later event has reached the subscriber before this one, which counts as delivered besides. */
    void late() {
        outOfOrder++;
    }

    /** An event has reached one who does not subscribe to its topic, or it was never published. */
    void stray() {
        strays++;
    }

    /**
     * An event has reached one more of its subscribers.
     *
     * @param due when it should have been sent
     * @param now when it was received, in nanoseconds on the same clock
     */
    void deliver(int number, long due, long now) {
        if (number >= deliveries.length) {
            deliveries = Arrays.copyOf(deliveries, Math.max(2 * deliveries.length, number + 1));
        }
        deliveries[number]++;
        receivedNow++;
        lastReceipt = now;
        latency.recordValue(Math.clamp(now - due, 0, HIGHEST_LATENCY));
    }

    /** Lets others see what there is so far. */
    void publish() {
        received.setRelease(receivedNow);
        events.setRelease(eventsNow);
        bytes.setRelease(bytesNow);
    }

    /** How many deliveries there are so far. */
    public long received() {
        return received.getAcquire();
    }

    /** How many events there are so far, whichever. */
    public long events() {
        return events.getAcquire();
    }

    /** How many bytes were read so far. */
    public long bytes() {
        return bytes.getAcquire();
    }

    public int connected() {
        return connected.get();
    }

    int failed() {
        return failed.get();
    }

    public int endedEarly() {
        return endedEarly.get();
    }

    public @Nullable String firstFailure() {
        return firstFailure;
    }

    public @Nullable String firstEnd() {
        return firstEnd;
    }

    public long repeated() {
        return repeated;
    }

    public long outOfOrder() {
        return outOfOrder;
    }

    public long strays() {
        return strays;
    }

    /** How many subscribers an event has reached. */
    public int deliveries(int number) {
        return number < deliveries.length ? deliveries[number] : 0;
    }

    /** When the last delivery came, in nanoseconds on the clock of the run. */
    public long lastReceipt() {
        return lastReceipt;
    }

    /** From when events were due to when they were received, in nanoseconds. */
    public Histogram latency() {
        return latency;
    }
}
