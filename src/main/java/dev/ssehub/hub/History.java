package dev.ssehub.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The last events of the hub, bounded by count, age and bytes. Not thread-safe: the hub's lock guards it.
 */
final class History {

    /** So many events are looked at in one read, so that the hub's lock is never held for long. */
    private static final int READ_LIMIT = 1_000;

    private record Held(Event event, long nanos) {}

    /**
     * What one read found.
     *
     * @param events
     *            the wanted events, oldest first
     * @param position
     *            the reader has now seen everything up to here
     */
    record Slice(List<Event> events, long position) {}

    private final HubSettings.HistoryLimits limits;
    private final LongSupplier nanoTime;
    private final NavigableMap<Long, Held> byPosition = new TreeMap<>();
    private final Map<String, Long> positionById = new HashMap<>();
    private long newestPosition;
    private @Nullable Event newestEvicted;
    private long bytes;

    History(HubSettings.HistoryLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    void append(Event event) {
        byPosition.put(event.position(), new Held(event, nanoTime.getAsLong()));
        positionById.put(event.id(), event.position());
        newestPosition = event.position();
        bytes += event.frame().length;
        evict();
    }

    /** Lets go of what is beyond the bounds. */
    void evict() {
        long oldest = nanoTime.getAsLong() - limits.maxAge().toNanos();
        while (!byPosition.isEmpty() && (byPosition.size() > limits.maxEvents() || bytes > limits.maxBytes()
                || byPosition.firstEntry().getValue().nanos() - oldest < 0)) {
            Event event = byPosition.pollFirstEntry().getValue().event();
            positionById.remove(event.id(), event.position());
            newestEvicted = event;
            bytes -= event.frame().length;
        }
    }

    /** Reads on from a position: the events that are wanted, until they have so many bytes, at least one if there is one. */
    Slice after(long position, List<TopicSelector> selectors, int maxBytes) {
        List<Event> found = new ArrayList<>();
        long reached = Math.max(position, oldestPosition() - 1);
        int size = 0;
        int looked = 0;
        for (Held held : byPosition.tailMap(position, false).values()) {
            Event event = held.event();
            if (TopicSelector.anyMatch(selectors, event.topics())) {
                size += event.frame().length;
                if (size > maxBytes && !found.isEmpty()) {
                    break;
                }
                found.add(event);
            }
            reached = event.position();
            if (++looked == READ_LIMIT) {
                break;
            }
        }
        return new Slice(found, reached);
    }

    /**
     * The position of the event with this id, if all that came after it is held, otherwise {@code null}. The newest that
     * was let go still counts: who has seen it has missed nothing.
     */
    @Nullable
    Long positionOf(String id) {
        if (newestEvicted != null && newestEvicted.id().equals(id)) {
            return newestEvicted.position();
        }
        return positionById.get(id);
    }

    /** The position of the oldest event that is held; if there is none, the position that the next event will have. */
    long oldestPosition() {
        return byPosition.isEmpty() ? newestPosition + 1 : byPosition.firstKey();
    }

    /** The position of the newest event that was ever appended, held or not; 0 before the first. */
    long newestPosition() {
        return newestPosition;
    }

    @Nullable
    String oldestId() {
        return byPosition.isEmpty() ? null : byPosition.firstEntry().getValue().event().id();
    }

    @Nullable
    String newestId() {
        return byPosition.isEmpty() ? null : byPosition.lastEntry().getValue().event().id();
    }
}
