package dev.ssehub.history.memory;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** Events in the order of their positions, in a ring buffer that grows and shrinks. Not thread-safe. */
final class EventRing {
    // Events can be removed anywhere. That leaves an empty slot, whose position stays, so that a search is still possible. When no
    // slot is free and half of them are empty, the events move together.

    private static final int MIN_CAPACITY = 4; // capacities are powers of two

    private @Nullable Event[] events = new Event[MIN_CAPACITY];
    private long[] positions = new long[MIN_CAPACITY];
    private int first;
    private int slots;
    private int size;

    /** Adds an event. Its position is greater than all others. */
    void add(Event event) {
        if (slots == events.length) {
            resize(size > slots / 2 ? 2 * slots : slots);
        }
        int slot = slot(slots);
        events[slot] = event;
        positions[slot] = event.position();
        slots++;
        size++;
    }

    /** Removes the event with this position, which is in the ring. */
    void remove(long position) {
        events[slot(indexAfter(position) - 1)] = null;
        size--;
        while (slots > 0 && events[first] == null) {
            first = slot(1);
            slots--;
        }
        if (events.length > MIN_CAPACITY && size < events.length / 4) {
            resize(events.length / 2);
        }
    }

    /** Returns the index of the first slot after a position. Indexes go up to {@link #slots}. */
    int indexAfter(long position) {
        int low = 0;
        int high = slots;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (positions[slot(middle)] <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Returns the event at an index, or {@code null} if it was removed. */
    @Nullable
    Event get(int index) {
        return events[slot(index)];
    }

    /** Returns the position of the event that is or was at an index. */
    long positionOf(int index) {
        return positions[slot(index)];
    }

    Event oldest() {
        return Objects.requireNonNull(events[first]);
    }

    int slots() {
        return slots;
    }

    int size() {
        return size;
    }

    private int slot(int index) {
        return first + index & events.length - 1;
    }

    private void resize(int capacity) {
        @Nullable
        Event[] all = new Event[capacity];
        long[] allPositions = new long[capacity];
        int kept = 0;
        for (int i = 0; i < slots; i++) {
            Event event = get(i);
            if (event != null) {
                all[kept] = event;
                allPositions[kept] = event.position();
                kept++;
            }
        }
        events = all;
        positions = allPositions;
        first = 0;
        slots = kept;
    }
}
