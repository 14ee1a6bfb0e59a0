package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait for one live subscriber, limited by number and bytes, and by the memory of all mailboxes. Guarded by the
 * subscriber's monitor.
 */
public final class Mailbox {
    /** The bytes of a mailbox that take nothing from the shared memory, so that most deliveries do not touch it. */
    private static final int UNCOUNTED = 1024;

    /** The limits of a mailbox. The bytes are those of the frames and topics. One event always fits. */
    public record Limits(int maxEvents, int maxBytes) {}

    /** Used by all empty mailboxes, because most mailboxes are empty, and a deque never shrinks. Must not be changed. */
    private static final Deque<Event> NONE = new ArrayDeque<>(0);

    /** The memory of all mailboxes together, in bytes. An event counts for each mailbox that it waits in. Thread-safe. */
    public static final class Memory {
        private final long max;
        private final AtomicLong taken = new AtomicLong();

        public Memory(long max) {
            this.max = max;
        }

        /** Takes bytes, or gives them back if the number is negative. Returns false, and takes nothing, if too few are left. */
        private boolean take(long bytes) {
            return bytes <= 0
                    ? taken.addAndGet(bytes) >= 0
                    : taken.getAndUpdate(now -> now + bytes <= max ? now + bytes : now) + bytes <= max;
        }

        /** Returns whether less than a half is left. */
        public boolean isScarce() {
            return taken.get() > max / 2;
        }

        /** For tests. */
        public long taken() {
            return taken.get();
        }
    }

    private final Limits limits;
    private final Memory memory;
    private Deque<Event> events = NONE;
    private int bytes;

    public Mailbox(Limits limits, Memory memory) {
        this.limits = limits;
        this.memory = memory;
    }

    /** Adds an event. Returns false if it does not fit. */
    boolean offer(Event event) {
        int size = bytes + event.size();
        boolean full = !events.isEmpty() && (events.size() == limits.maxEvents() || size > limits.maxBytes());
        if (full || !resize(size)) {
            return false;
        }
        if (events.isEmpty()) {
            events = new ArrayDeque<>(2);
        }
        events.add(event);
        return true;
    }

    private boolean resize(int size) {
        int change = Math.max(size, UNCOUNTED) - Math.max(bytes, UNCOUNTED);
        if (change != 0 && !memory.take(change)) {
            return false;
        }
        bytes = size;
        return true;
    }

    /** Returns the oldest event, or {@code null}. */
    @Nullable
    Event peek() {
        return events.peek();
    }

    /** Removes the oldest event. */
    void remove() {
        resize(bytes - events.remove().size());
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    void retain(Predicate<Event> kept) {
        events.removeIf(kept.negate());
        resize(events.stream().mapToInt(Event::size).sum());
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    void clear() {
        events = NONE;
        resize(0);
    }
}
