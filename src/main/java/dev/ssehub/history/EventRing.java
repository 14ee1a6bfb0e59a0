package dev.ssehub.history;

import java.util.Arrays;

import dev.ssehub.event.Event;

/**
 * The events that are held, oldest first, with the time since when. Their positions have no holes, so that each is found at
 * once. Not thread-safe: the history's guard is its own.
 */
final class EventRing {

    private static final int LEAST_CAPACITY = 16; // a power of two, and so are all others

    private Event[] events = new Event[LEAST_CAPACITY];
    private long[] nanos = new long[LEAST_CAPACITY];
    private int first;
    private int size;

    /** Adds the one after the newest. */
    void add(Event event, long since) {
        if (size == events.length) {
            grow();
        }
        int at = index(size);
        events[at] = event;
        nanos[at] = since;
        size++;
    }

    /** The how many-th, from 0, which is the oldest. */
    Event get(int number) {
        return events[index(number)];
    }

    /** Since when the oldest is held. */
    long oldestSince() {
        return nanos[first];
    }

    /** Takes the oldest out. */
    @SuppressWarnings("NullAway") // a place that is free holds nothing
    Event removeOldest() {
        Event oldest = events[first];
        events[first] = null;
        first = index(1);
        size--;
        return oldest;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    private int index(int number) {
        return first + number & events.length - 1;
    }

    private void grow() {
        Event[] old = events;
        long[] oldNanos = nanos;
        events = Arrays.copyOfRange(old, first, first + 2 * size);
        nanos = Arrays.copyOfRange(oldNanos, first, first + 2 * size);
        System.arraycopy(old, 0, events, size - first, first);
        System.arraycopy(oldNanos, 0, nanos, size - first, first);
        first = 0;
    }
}
