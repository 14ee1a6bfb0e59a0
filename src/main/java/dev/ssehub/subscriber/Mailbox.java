package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** The events that wait for one live subscriber, limited by number and bytes. Not thread-safe: the subscriber's monitor guards it. */
public final class Mailbox {

    /**
     * The limits of a mailbox. One event always fits.
     *
     * @param maxEvents the maximum number of events
     * @param maxBytes the maximum size of the frames and topics, in bytes
     */
    public record Limits(int maxEvents, int maxBytes) {}

    private final Limits limits;
    /** {@code null} while the mailbox is empty. Most mailboxes are empty, and a deque never shrinks. */
    private @Nullable Deque<Event> events;
    private int bytes;

    public Mailbox(Limits limits) {
        this.limits = limits;
    }

    /** Adds an event. Returns false if it does not fit. */
    boolean offer(Event event) {
        Deque<Event> waiting = events;
        if (waiting == null) {
            waiting = new ArrayDeque<>(2);
            events = waiting;
        } else if (waiting.size() == limits.maxEvents() || bytes + event.size() > limits.maxBytes()) {
            return false;
        }
        waiting.add(event);
        bytes += event.size();
        return true;
    }

    /** Returns the oldest event, or {@code null}. */
    @Nullable
    Event peek() {
        return events == null ? null : events.peek();
    }

    /** Removes the oldest event, if any. */
    void remove() {
        if (events != null) {
            bytes -= events.remove().size();
            if (events.isEmpty()) {
                events = null;
            }
        }
    }

    void retain(Predicate<Event> kept) {
        if (events != null) {
            events.removeIf(kept.negate());
            bytes = events.stream().mapToInt(Event::size).sum();
            if (events.isEmpty()) {
                events = null;
            }
        }
    }

    int bytes() {
        return bytes;
    }

    void clear() {
        events = null;
        bytes = 0;
    }
}
