package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** The events that wait for one live subscriber, limited by number and bytes. Guarded by the subscriber's monitor. */
public final class Mailbox {
    /** The limits of a mailbox. The bytes are those of the frames and topics. One event always fits. */
    public record Limits(int maxEvents, int maxBytes) {}

    /** Used by all empty mailboxes, because most mailboxes are empty, and a deque never shrinks. Must not be changed. */
    private static final Deque<Event> NONE = new ArrayDeque<>(0);

    private final Limits limits;
    private Deque<Event> events = NONE;
    private int bytes;

    public Mailbox(Limits limits) {
        this.limits = limits;
    }

    /** Adds an event. Returns false if it does not fit. */
    boolean offer(Event event) {
        if (events.isEmpty()) {
            events = new ArrayDeque<>(2);
        } else if (events.size() == limits.maxEvents() || bytes + event.size() > limits.maxBytes()) {
            return false;
        }
        events.add(event);
        bytes += event.size();
        return true;
    }

    /** Returns the oldest event, or {@code null}. */
    @Nullable
    Event peek() {
        return events.peek();
    }

    /** Removes the oldest event. */
    void remove() {
        bytes -= events.remove().size();
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    void retain(Predicate<Event> kept) {
        events.removeIf(kept.negate());
        bytes = events.stream().mapToInt(Event::size).sum();
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    int bytes() {
        return bytes;
    }

    void clear() {
        events = NONE;
        bytes = 0;
    }
}
