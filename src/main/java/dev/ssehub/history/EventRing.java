package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;

/** A growing ring buffer with events, oldest first, and the time at which each was added. Guarded by the hub's lock. */
final class EventRing {
    private static final int MIN_CAPACITY = 16; // capacities are powers of two

    private Event[] events = new Event[MIN_CAPACITY];
    private long[] nanos = new long[MIN_CAPACITY];
    private int first;
    private int size;

    void add(Event event, long addedAt) {
        if (size == events.length) {
            grow();
        }
        int slot = slot(size);
        events[slot] = event;
        nanos[slot] = addedAt;
        size++;
    }

    /** Returns the event at an index. The oldest event has index 0. */
    Event get(int index) {
        return events[slot(index)];
    }

    long oldestAddedAt() {
        return nanos[first];
    }

    @SuppressWarnings("NullAway") // free slots are null
    Event removeOldest() {
        Event oldest = events[first];
        events[first] = null;
        first = slot(1);
        size--;
        return oldest;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    private int slot(int index) {
        return first + index & events.length - 1;
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
