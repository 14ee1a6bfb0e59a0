package dev.ssehub.hub;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/** The events that wait for one subscriber, bounded by count and bytes. Not thread-safe: its subscriber guards it. */
final class Mailbox {

    private final HubSettings.MailboxLimits limits;
    private final Deque<Event> events = new ArrayDeque<>(2);
    private int bytes;

    Mailbox(HubSettings.MailboxLimits limits) {
        this.limits = limits;
    }

    /** Adds it, unless that would be too much; one event always fits. */
    boolean offer(Event event) {
        if (!events.isEmpty() && (events.size() == limits.maxEvents() || bytes + event.size() > limits.maxBytes())) {
            return false;
        }
        events.add(event);
        bytes += event.size();
        return true;
    }

    /** The one that waits for longest, or {@code null}. */
    @Nullable
    Event peek() {
        return events.peek();
    }

    /** Takes that one out. */
    void remove() {
        bytes -= events.remove().size();
    }

    void clear() {
        events.clear();
        bytes = 0;
    }
}
