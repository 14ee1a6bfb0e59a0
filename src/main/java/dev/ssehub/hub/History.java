package dev.ssehub.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The last events of the hub, bounded by count, age and bytes. Not thread-safe: the hub's lock guards it.
 */
final class History {

    /** So many events are handed out in one read: few enough for the hub's lock, enough for the reader to get on. */
    private static final int READ_LIMIT = 256;
    private static final long AMBIGUOUS = -1;

    private record Held(Event event, long nanos) {}

    /**
     * A place in the order of events: just after the one with this position.
     *
     * @param id
     *            an id that stands for it, which everybody may know
     */
    record Checkpoint(long position, String id) {}

    /**
     * What one read found.
     *
     * @param gap
     *            what is missing before the events, {@code null} if nothing is
     * @param after
     *            the position after which the events begin
     * @param events
     *            the events, oldest first; none if there are no newer ones
     */
    record Slice(@Nullable Gap gap, long after, List<Event> events) {}

    private final HubSettings.HistoryLimits limits;
    private final LongSupplier nanoTime;
    private final NavigableMap<Long, Held> byPosition = new TreeMap<>();
    private final Map<String, Long> positionById = new HashMap<>();
    /** The newest that was let go still counts: who has seen it has missed nothing. */
    private Checkpoint newestGone;
    private String newestGoneId;
    private long bytes;

    /** @param startId
     *            stands for the time before the first event */
    History(HubSettings.HistoryLimits limits, LongSupplier nanoTime, String startId) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.newestGone = new Checkpoint(0, startId);
        this.newestGoneId = startId;
    }

    void append(Event event) {
        byPosition.put(event.position(), new Held(event, nanoTime.getAsLong()));
        positionById.put(event.id(), event.position());
        positionById.put(event.checkpoint(), event.position());
        if (!isAscii(event.id())) {
            positionById.merge(ascii(event.id()), event.position(), (_, _) -> AMBIGUOUS);
        }
        bytes += event.size();
        evict();
    }

    /** Lets go of what is beyond the bounds. */
    void evict() {
        long oldest = nanoTime.getAsLong() - limits.maxAge().toNanos();
        while (!byPosition.isEmpty() && (byPosition.size() > limits.maxEvents() || bytes > limits.maxBytes()
                || byPosition.firstEntry().getValue().nanos() - oldest < 0)) {
            Event event = byPosition.pollFirstEntry().getValue().event();
            positionById.remove(event.id(), event.position());
            positionById.remove(event.checkpoint());
            if (!isAscii(event.id())) {
                positionById.remove(ascii(event.id()));
            }
            newestGone = new Checkpoint(event.position(), event.checkpoint());
            newestGoneId = event.id();
            bytes -= event.size();
        }
    }

    /** Reads on from a position; what is missing there begins after the last id that the reader has. */
    Slice after(long position, @Nullable String lastId) {
        Gap gap = null;
        long from = position;
        if (position < newestGone.position()) {
            from = newestGone.position();
            gap = byPosition.isEmpty()
                    ? new Gap(newestGone.id(), lastId, null, null)
                    : new Gap(newestGone.id(), lastId, checkpoint(byPosition.firstKey()).id(), newest().id());
        }
        List<Event> events = new ArrayList<>();
        for (Held held : byPosition.tailMap(from, false).values()) {
            events.add(held.event());
            if (events.size() == READ_LIMIT) {
                break;
            }
        }
        return new Slice(gap, from, events);
    }

    /** Whether an event with this id is held. */
    boolean holds(String id) {
        return positionById.containsKey(id);
    }

    /** The place after the event with this id, if all that came after it is held, otherwise {@code null}. */
    @Nullable
    Checkpoint find(String id) {
        Long position = positionById.get(id);
        if (position == null) {
            return id.equals(newestGone.id()) || id.equals(newestGoneId) ? newestGone : null;
        }
        return position.equals(AMBIGUOUS) ? null : checkpoint(position);
    }

    /** The place before all that is held. */
    Checkpoint oldest() {
        return newestGone;
    }

    /** The place after all that was ever appended. */
    Checkpoint newest() {
        if (byPosition.isEmpty()) {
            return newestGone;
        }
        return checkpoint(byPosition.lastKey());
    }

    private Checkpoint checkpoint(long position) {
        return new Checkpoint(position, Objects.requireNonNull(byPosition.get(position)).event().checkpoint());
    }

    private static boolean isAscii(String id) {
        return id.chars().allMatch(c -> c < 0x80);
    }

    /** An id as it comes back in a header, of which the server takes each byte that is not ASCII for U+FFFD. */
    private static String ascii(String id) {
        return new String(id.getBytes(UTF_8), US_ASCII);
    }
}
