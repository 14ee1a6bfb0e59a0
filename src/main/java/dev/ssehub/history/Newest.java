package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;

/** Finds the newest events of several topics. For one thread. */
public final class Newest {
    /** The most events to look at. A client may not receive most of them, and shall not keep the history busy. */
    private static final int MAX_SEEN = 50_000;

    private final int count;
    private final Predicate<Event> mayReceive;
    private final NavigableSet<Long> positions = new TreeSet<>();
    private int seen;
    /** The position before which this has not looked, because it has looked at enough events. */
    private long floor;

    /**
     * @param count the number of events
     * @param mayReceive which events count
     */
    public Newest(int count, Predicate<Event> mayReceive) {
        this.count = count;
        this.mayReceive = mayReceive;
    }

    /** Takes an event. Returns false if older events are not needed. */
    public boolean take(Event event) {
        if (positions.size() == count && event.position() < positions.first()) {
            return false;
        }
        if (++seen > MAX_SEEN) {
            floor = Math.max(floor, event.position());
            return false;
        }
        if (mayReceive.test(event) && positions.add(event.position()) && positions.size() > count) {
            positions.pollFirst();
        }
        return true;
    }

    /** Returns the position before the oldest of these events, or {@code beginning} if there are fewer events. */
    public long before(long beginning) {
        return Math.max(floor, positions.size() < count ? beginning : positions.first() - 1);
    }
}
