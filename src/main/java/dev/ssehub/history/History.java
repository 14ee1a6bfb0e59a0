package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubEvents.Gap;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import org.jspecify.annotations.Nullable;

/** The latest events of the hub, limited by number, age and bytes. Not thread-safe: the hub's lock guards it. */
public final class History {
    /**
     * The limits of the history. The oldest events are removed as soon as one limit is exceeded. The bytes are those of all
     * frames and topics. With 0 events, there is no history.
     */
    public record Limits(int maxEvents, Duration maxAge, long maxBytes) {}

    /** The place directly after the event with this position. Every client may know its id, which the hub assigned. */
    public record Checkpoint(long position, String id) {}

    /** The result of one read: the events after a position, oldest first, and the gap before them if events are missing. */
    public record Slice(@Nullable Gap gap, long after, List<Event> events) {}

    /** The places before the oldest event and after the newest one. The history holds all events between them. */
    public record Extent(Checkpoint oldest, Checkpoint newest) {}

    /** The maximum number of events of one read. It limits the time for which the hub's lock is held. */
    private static final int READ_LIMIT = 256;
    /** The minimum number of publishers' ids that are remembered after eviction, to notice that a publisher uses an id again. */
    private static final int REMEMBERED_IDS = 10_000;

    private final Limits limits;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final EventRing held = new EventRing();
    private final IdIndex ids;
    /** The place after the last evicted event, which is the one before the oldest event. */
    private Checkpoint lastEvicted;
    /** The last evicted event, if its publisher's id is unique. */
    private @Nullable Event lastEvictedById;
    private long bytes;

    /** Creates an empty history; {@code startId} is the id of the place before the first event. */
    public History(Limits limits, HubMetrics metrics, LongSupplier nanoTime, String startId) {
        this.limits = limits;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.ids = new IdIndex(Math.max(limits.maxEvents(), REMEMBERED_IDS));
        this.lastEvicted = new Checkpoint(0, startId);
    }

    /** Adds the next event, and evicts old events that exceed the limits. */
    public void append(Event event) {
        held.add(event, nanoTime.getAsLong());
        ids.add(event);
        bytes += event.size();
        evict();
    }

    /** Removes old events that exceed the limits. */
    public void evict() {
        long oldest = nanoTime.getAsLong() - limits.maxAge().toNanos();
        while (!held.isEmpty()) {
            if (held.size() > limits.maxEvents() || bytes > limits.maxBytes()) {
                metrics.reached(Limit.HISTORY);
            } else if (held.oldestAddedAt() - oldest >= 0) {
                break;
            }
            Event event = held.removeOldest();
            lastEvicted = new Checkpoint(event.position(), event.checkpoint());
            lastEvictedById = ids.isUnique(event.id()) ? event : null;
            ids.remove(event);
            bytes -= event.size();
        }
    }

    /**
     * Reads the events after a position.
     *
     * @param lastId the last id that the subscriber has; if events are missing, the gap contains it
     */
    public Slice after(long position, @Nullable String lastId) {
        long from = Math.max(position, lastEvicted.position());
        Gap gap = from == position
                ? null
                : held.isEmpty()
                        ? new Gap(lastEvicted.id(), lastId, null, null)
                        : new Gap(lastEvicted.id(), lastId, held.get(0).checkpoint(), newest().id());
        int first = Math.toIntExact(from - lastEvicted.position());
        return new Slice(gap, from, IntStream.range(first, held.size()).limit(READ_LIMIT).mapToObj(held::get).toList());
    }

    /** Returns whether the history holds an event with this canonical topic and this publisher's id. */
    public boolean holds(String topic, String id) {
        return ids.holds(topic, id);
    }

    /**
     * Finds the place after the event with this id. Returns {@code null} if the id is unknown or ambiguous, or if a later event
     * is already evicted.
     *
     * @param mayKnow whether the subscriber may find an event by the publisher's id
     */
    public @Nullable Checkpoint find(String id, Predicate<Event> mayKnow) {
        Event event = ids.find(id, mayKnow);
        if (event != null) {
            return new Checkpoint(event.position(), event.checkpoint());
        }
        boolean evicted = id.equals(lastEvicted.id()) || (lastEvictedById != null && id.equals(lastEvictedById.id())
                && !ids.holdsAny(id) && mayKnow.test(lastEvictedById));
        return evicted ? lastEvicted : null;
    }

    public Extent extent() {
        return new Extent(lastEvicted, newest());
    }

    /** Returns the place after the newest event. */
    public Checkpoint newest() {
        if (held.isEmpty()) {
            return lastEvicted;
        }
        Event newest = held.get(held.size() - 1);
        return new Checkpoint(newest.position(), newest.checkpoint());
    }
}
