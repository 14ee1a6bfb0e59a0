package dev.ssehub.bench.load;

import module java.base;
import org.HdrHistogram.Histogram;

/** Counts the bytes and events that the subscribers of one thread receive. */
@SuppressWarnings("EnumOrdinal") // the array has one slot for each constant, and counting must be cheap
public final class Tally {
    // Only the subscribers' thread writes, so no update needs an atomic instruction. Other threads may read the counts at any
    // time, and everything else after that thread has ended.

    public enum Count {
        BYTES, // of the streams, with everything around them
        EVENTS, // with or without a stamp of this run
        RECEIVED, // events of this run that a subscriber of their topic received for the first time
        REPEATED, // events that the same subscriber had already received
        OUT_OF_ORDER, // received events that arrived after a later event of their topic
        STRAY // events with a stamp of this run that belong to another topic or were never published
    }

    private static final long MIN_LATENCY = TimeUnit.MICROSECONDS.toNanos(1);
    private static final long MAX_LATENCY = TimeUnit.HOURS.toNanos(1);
    private static final int PADDING = 16; // longs, so that the tallies of two threads never share a cache line

    private final AtomicLongArray counts = new AtomicLongArray(Count.values().length + PADDING);
    private final Histogram latency = new Histogram(MIN_LATENCY, MAX_LATENCY, 3);
    private int[] deliveries = new int[1024];
    private long lastReceipt;

    void count(Count count, long increment) {
        counts.setOpaque(count.ordinal(), counts.getPlain(count.ordinal()) + increment);
    }

    /** Counts the delivery of an event to a subscriber. Both times are nanoseconds on the run's clock. */
    void deliver(int number, long due, long now) {
        if (number >= deliveries.length) {
            deliveries = Arrays.copyOf(deliveries, 2 * number);
        }
        deliveries[number]++;
        lastReceipt = now;
        latency.recordValue(Math.clamp(now - due, 0, MAX_LATENCY));
        count(Count.RECEIVED, 1);
    }

    /** Adds the counts of another tally, whose thread must have ended. */
    void add(Tally other) {
        for (Count count : Count.values()) {
            count(count, other.get(count));
        }
        deliveries = Arrays.copyOf(deliveries, Math.max(deliveries.length, other.deliveries.length));
        Arrays.setAll(deliveries, number -> deliveries[number] + other.deliveries(number));
        latency.add(other.latency);
        lastReceipt = Math.max(lastReceipt, other.lastReceipt);
    }

    public long get(Count count) {
        return counts.getOpaque(count.ordinal());
    }

    /** Returns how many subscribers have received an event. */
    public int deliveries(int number) {
        return number < deliveries.length ? deliveries[number] : 0;
    }

    /** Returns the time of the last delivery, in nanoseconds on the run's clock, or 0 without deliveries. */
    public long lastReceipt() {
        return lastReceipt;
    }

    /** Returns the times between the due time and the delivery of the events, in nanoseconds. */
    public Histogram latency() {
        return latency;
    }
}
