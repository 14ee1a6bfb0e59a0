package dev.ssehub.history;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubEvents.Gap;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The latest events of the hub, bounded by number, age and bytes. Not thread-safe: the hub's lock guards it. */
public final class History {

    /**
     * The bounds of the history. The one that is reached first applies.
     *
     * @param maxEvents the number of events; 0 holds none
     * @param maxAge the time that an event is held
     * @param maxBytes the bytes of frames and topics
     */
    public record Limits(int maxEvents, Duration maxAge, long maxBytes) {}

    /**
     * A place in the order of events, just after the event with this position.
     *
     * @param id the hub's id for this place; every client may know it
     */
    public record Checkpoint(long position, String id) {}

    /**
     * The result of one read.
     *
     * @param gap the events that are missing before these events; {@code null} if none are
     * @param after the position after which the events begin
     * @param events the events, oldest first; empty if there are no newer ones
     */
    public record Slice(@Nullable Gap gap, long after, List<Event> events) {}

    /**
     * What the history covers.
     *
     * @param gone the position of the newest event that has left; all later events are held
     * @param newest the place after the newest event
     */
    public record Extent(long gone, Checkpoint newest) {}

    /** The greatest number of events of one read: it bounds the time under the hub's lock. */
    private static final int READ_LIMIT = 256;
    /** The least number of publishers' ids that are remembered after their events have left, to notice when one is used again. */
    private static final int REMEMBERED_IDS = 10_000;

    private final Limits limits;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final EventRing held = new EventRing();
    private final IdIndex ids;
    /** The place after the newest event that has left. A client that has this event has missed nothing. */
    private Checkpoint newestGone;
    /** That event, if it can be found by its publisher's id. */
    private @Nullable Event newestGoneById;
    private long bytes;

    /** Creates an empty history; {@code startId} stands for the place before the first event. */
    public History(Limits limits, HubMetrics metrics, LongSupplier nanoTime, String startId) {
        this.limits = limits;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.ids = new IdIndex(Math.max(limits.maxEvents(), REMEMBERED_IDS));
        this.newestGone = new Checkpoint(0, startId);
    }

    /** Adds the next event, and removes old ones that are beyond the limits. */
    public void append(Event event) {
        held.add(event, nanoTime.getAsLong());
        ids.add(event);
        bytes += event.size();
        evict();
    }

    /** Removes the events that are beyond the limits. */
    public void evict() {
        long oldest = nanoTime.getAsLong() - limits.maxAge().toNanos();
        while (!held.isEmpty()) {
            if (held.size() > limits.maxEvents() || bytes > limits.maxBytes()) {
                metrics.reached(Limit.HISTORY);
            } else if (held.oldestAddedAt() - oldest >= 0) {
                break;
            }
            Event event = held.removeOldest();
            newestGone = new Checkpoint(event.position(), event.checkpoint());
            newestGoneById = ids.isUnique(event.id()) ? event : null;
            ids.remove(event);
            bytes -= event.size();
        }
    }

    /**
     * Reads the events after a position.
     *
     * @param lastId the last id that the reader has, for the gap if events are missing
     */
    public Slice after(long position, @Nullable String lastId) {
        Gap gap = null;
        long from = position;
        if (position < newestGone.position()) {
            from = newestGone.position();
            gap = held.isEmpty()
                    ? new Gap(newestGone.id(), lastId, null, null)
                    : new Gap(newestGone.id(), lastId, held.get(0).checkpoint(), newest().id());
        }
        int first = Math.toIntExact(from - newestGone.position());
        List<Event> events = new ArrayList<>();
        for (int i = first; i < held.size() && events.size() < READ_LIMIT; i++) {
            events.add(held.get(i));
        }
        return new Slice(gap, from, events);
    }

    /** Returns whether an event with this canonical topic and this id of its publisher is held. */
    public boolean holds(String topic, String id) {
        return ids.holds(topic, id);
    }

    /**
     * Finds the place after the event with this id. Returns {@code null} if the id is unknown or ambiguous, or if a later event has
     * left already.
     *
     * @param mayKnow whether the subscriber may learn of an event by its publisher's id
     */
    public @Nullable Checkpoint find(String id, Predicate<Event> mayKnow) {
        Event event = ids.find(id, mayKnow);
        if (event != null) {
            return new Checkpoint(event.position(), event.checkpoint());
        }
        boolean gone = id.equals(newestGone.id()) || (newestGoneById != null && id.equals(newestGoneById.id())
                && !ids.holdsAny(id) && mayKnow.test(newestGoneById));
        return gone ? newestGone : null;
    }

    /** Returns what is covered now. */
    public Extent extent() {
        return new Extent(newestGone.position(), newest());
    }

    /** Returns the place before all events that are held. */
    public Checkpoint oldest() {
        return newestGone;
    }

    /** Returns the place after the newest event. */
    public Checkpoint newest() {
        if (held.isEmpty()) {
            return newestGone;
        }
        Event newest = held.get(held.size() - 1);
        return new Checkpoint(newest.position(), newest.checkpoint());
    }
}
