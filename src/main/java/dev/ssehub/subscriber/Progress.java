package dev.ssehub.subscriber;

import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;

/** How far a subscriber has come in the order of all events. Not thread-safe: its subscriber guards it. */
final class Progress {

    private static final long UNKNOWN = -1;

    private long position = UNKNOWN;
    /** The client has an id that stands for this place. */
    private long told = UNKNOWN;
    private @Nullable String startId;
    private @Nullable String lastId;

    /**
     * Finds the place to begin at.
     *
     * @param requested the id of the last event that the subscriber has, {@code earliest}, or {@code null}
     * @param mayKnow whether it may know of an event by its publisher's id
     */
    void start(History history, @Nullable String requested, Predicate<Event> mayKnow) {
        boolean byId = requested != null && !requested.equals(Update.EARLIEST);
        History.Checkpoint start = requested == null
                ? history.newest()
                : byId ? history.find(requested, mayKnow) : history.oldest();
        if (start == null) {
            lastId = requested;
            return;
        }
        position = start.position();
        told = position;
        startId = byId ? requested : start.id();
        lastId = startId;
    }

    /** An id that stands for the place where it began; {@code null} where that is not known. */
    @Nullable
    String startId() {
        return startId;
    }

    /** What comes next in the history, and what is missing there. */
    History.Slice read(History history) {
        History.Slice slice = history.after(position, lastId);
        position = slice.after();
        if (slice.gap() != null) {
            lastId = slice.gap().id();
            told = position;
        }
        return slice;
    }

    /** It has been given this event. */
    void received(Event event) {
        position = event.position();
        told = position;
        lastId = event.id();
    }

    /** This event was not for it. */
    void passed(Event event) {
        position = event.position();
    }

    /** It goes back to where this event comes next. */
    void returnTo(Event event) {
        position = event.position() - 1;
    }

    /**
     * It has all that it should have up to there. The frame says so to the client, if that is news, for when it comes back; it
     * is a sign of life in any case.
     */
    byte[] heartbeat(History.Checkpoint newest) {
        position = Math.max(position, newest.position());
        if (newest.position() <= told) {
            return EventEncoder.comment("heartbeat");
        }
        told = newest.position();
        lastId = newest.id();
        return EventEncoder.checkpoint(newest.id(), "heartbeat");
    }
}
