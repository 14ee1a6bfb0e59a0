package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait for one live subscriber, limited by number and bytes, and by the memory of all mailboxes. Guarded by the
 * subscriber's monitor.
 */
public final class Mailbox {
    /** The first bytes of each mailbox do not count for the memory of all mailboxes, so most deliveries do not touch it. */
    private static final int UNCOUNTED = 1024;

    /** The limits of a mailbox. The bytes are those of the frames and topics. One event always fits into these limits. */
    public record Limits(int maxEvents, int maxBytes) {}

    /** Used by all empty mailboxes, because most mailboxes are empty, and a deque never shrinks. Must not be changed. */
    private static final Deque<Event> NONE = new ArrayDeque<>(0);

    /** The memory of all mailboxes together, in bytes. An event counts once for each mailbox that it is in. Thread-safe. */
    public static final class Memory {
        private final long max;
        private final AtomicLong taken = new AtomicLong();

        public Memory(long max) {
            this.max = max;
        }

        /** Takes bytes. Returns false, and takes nothing, if too few are left. */
        private boolean take(long bytes) {
            return bytes == 0 || taken.getAndUpdate(now -> now + bytes <= max ? now + bytes : now) + bytes <= max;
        }

        private void giveBack(long bytes) {
            if (bytes > 0) {
                taken.addAndGet(-bytes);
            }
        }

        /** Returns whether less than half of the memory is left. */
        public boolean isScarce() {
            return taken.get() > max / 2;
        }

        /** Returns how many bytes all mailboxes may take, besides a kilobyte for each. */
        public long max() {
            return max;
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
        boolean full = !events.isEmpty()
                && (events.size() == limits.maxEvents() || event.size() > limits.maxBytes() - bytes);
        if (full || !memory.take(counted(bytes + event.size()) - counted(bytes))) {
            return false;
        }
        bytes += event.size();
        if (events.isEmpty()) {
            events = new ArrayDeque<>(2);
        }
        events.add(event);
        return true;
    }

    private void shrink(int size) {
        memory.giveBack(counted(bytes) - counted(size));
        bytes = size;
    }

    private static int counted(int bytes) {
        return Math.max(0, bytes - UNCOUNTED);
    }

    /** Returns the oldest event, or {@code null}. */
    @Nullable
    Event peek() {
        return events.peek();
    }

    int events() {
        return events.size();
    }

    int bytes() {
        return bytes;
    }

    /** Removes the oldest event. */
    void remove() {
        shrink(bytes - events.remove().size());
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    void retain(Predicate<Event> kept) {
        events.removeIf(kept.negate());
        shrink(events.stream().mapToInt(Event::size).sum());
        if (events.isEmpty()) {
            events = NONE;
        }
    }

    void clear() {
        events = NONE;
        shrink(0);
    }
}
