package dev.ssehub.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.event.Gap;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;

/** The last events of the hub, bounded by count, age and bytes. Not thread-safe: the hub's lock guards it. */
public final class History {

    /**
     * The bounds of the history. The one that is reached first applies.
     *
     * @param maxEvents the number of events; 0 holds none
     * @param maxAge the time that an event is held
     * @param maxBytes the bytes of frames and topics
     */
    public record Limits(int maxEvents, Duration maxAge, long maxBytes) {}

    /** So many events are handed out in one read: few enough for the hub's lock, enough for the reader to get on. */
    private static final int READ_LIMIT = 256;
    /** So many publishers' ids are remembered at least when their events are gone, so as to know when one is used again. */
    private static final int REMEMBERED_IDS = 10_000;

    /**
     * A place in the order of events: just after the one with this position.
     *
     * @param id an id of the hub's that stands for it, which everybody may know
     */
    public record Checkpoint(long position, String id) {}

    /**
     * What one read found.
     *
     * @param gap what is missing before the events, {@code null} if nothing is
     * @param after the position after which the events begin
     * @param events the events, oldest first; none if there are no newer ones
     */
    public record Slice(@Nullable Gap gap, long after, List<Event> events) {}

    /**
     * From where to where it goes.
     *
     * @param gone it has all events after this position
     * @param newest the place after all that was ever appended
     */
    public record Extent(long gone, Checkpoint newest) {}

    private final Limits limits;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final EventRing held = new EventRing();
    private final IdIndex ids;
    /** The newest that was let go still counts: who has seen it has missed nothing. */
    private Checkpoint newestGone;
    /** That one, if its publisher's id stands for no other. */
    private @Nullable Event newestGoneById;
    private long bytes;

    /** @param startId stands for the time before the first event */
    public History(Limits limits, HubMetrics metrics, LongSupplier nanoTime, String startId) {
        this.limits = limits;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.ids = new IdIndex(Math.max(limits.maxEvents(), REMEMBERED_IDS));
        this.newestGone = new Checkpoint(0, startId);
    }

    public void append(Event event) {
        held.add(event, nanoTime.getAsLong());
        ids.add(event);
        bytes += event.size();
        evict();
    }

    /** Lets go of what is beyond the bounds. */
    public void evict() {
        long oldest = nanoTime.getAsLong() - limits.maxAge().toNanos();
        while (!held.isEmpty()) {
            if (held.size() > limits.maxEvents() || bytes > limits.maxBytes()) {
                metrics.reached(Limit.HISTORY);
            } else if (held.oldestSince() - oldest >= 0) {
                break;
            }
            Event event = held.removeOldest();
            newestGone = new Checkpoint(event.position(), event.checkpoint());
            newestGoneById = ids.standsForOne(event.id()) ? event : null;
            ids.remove(event);
            bytes -= event.size();
        }
    }

    /** Reads on from a position; what is missing there begins after the last id that the reader has. */
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

    /** Whether a publisher's event with this id and this canonical topic is held. */
    public boolean holds(String topic, String id) {
        return ids.holds(topic, id);
    }

    /**
     * The place after the event with this id. {@code null} if it is not known, if there is more than one that it could be, or if
     * not all that came after it is held.
     *
     * @param mayKnow whether who asks may know of an event by its publisher's id
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

    public Extent extent() {
        return new Extent(newestGone.position(), newest());
    }

    /** The place before all that is held. */
    public Checkpoint oldest() {
        return newestGone;
    }

    /** The place after all that was ever appended. */
    public Checkpoint newest() {
        if (held.isEmpty()) {
            return newestGone;
        }
        Event newest = held.get(held.size() - 1);
        return new Checkpoint(newest.position(), newest.checkpoint());
    }
}
