package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;

/** Collects the events of one read. For one thread. */
public final class Reading {
    /** The most events that one read looks at, and the longest time: other threads wait for the lock of the history. */
    private static final int MAX_EVENTS = 1_000;
    private static final long MAX_NANOS = 1_000_000;
    private static final int EVENTS_PER_LOOK = 16;

    private final Query query;
    private final List<Event> events = new ArrayList<>();
    private int size;
    private final long started = System.nanoTime();
    private int seen;
    private long upTo;

    public Reading(Query query) {
        this.query = query;
        this.upTo = query.after();
    }

    /** Takes the next event that the selectors select. Returns false, without taking it, if the read must end before it. */
    public boolean take(Event event) {
        if (!query.mayReceive().test(event)) {
            return skip(event.position());
        }
        int bytes = query.size().applyAsInt(event);
        if (isOver() || (!events.isEmpty() && size + bytes > query.maxSize())) {
            return false;
        }
        events.add(event);
        size += bytes;
        upTo = event.position();
        return true;
    }

    /** Skips an event that the subscriber does not want. Returns false, without skipping it, if the read must end before it. */
    public boolean skip(long position) {
        if (isOver()) {
            return false;
        }
        upTo = position;
        return true;
    }

    /** Returns whether the read has looked at enough events, and counts one more. It looks at one event at least. */
    private boolean isOver() {
        seen++;
        return seen > MAX_EVENTS || (seen % EVENTS_PER_LOOK == 0 && System.nanoTime() - started > MAX_NANOS);
    }

    public List<Event> events() {
        return events;
    }

    /** Returns the position of the last event that was taken or passed. */
    public long upTo() {
        return upTo;
    }
}
