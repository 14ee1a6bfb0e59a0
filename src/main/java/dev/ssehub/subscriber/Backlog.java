package dev.ssehub.subscriber;

import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The events that wait for one subscriber, and how far it has come. Not thread-safe: its subscriber guards it. */
final class Backlog {

    // A subscriber is live or catching up. While it is live, events go into its mailbox. When the mailbox is full, it is emptied
    // and the subscriber catches up: it reads the history, from the last position that it was given, until there is nothing
    // more to read. It finds that out under the hub's lock, so between two events, and is live again. A client that resumes
    // after a reconnect starts in the same way.

    private static final long UNKNOWN = -1;

    private final Mailbox mailbox;
    private final boolean live;
    /** The position where a backlog ends that does not go on live. */
    private long end;
    /** The last position that was offered. */
    private long offered;
    private boolean catchingUp;
    private History.@Nullable Checkpoint heartbeatDue;

    /** The last position that the subscriber was given, or that was not for it. */
    private long position = UNKNOWN;
    /** The last position for which the client has an id to resume from. */
    private long resumable = UNKNOWN;
    private @Nullable String startId;
    private @Nullable String lastId;

    /** @param live whether it goes on with new events */
    Backlog(Mailbox mailbox, boolean live) {
        this.mailbox = mailbox;
        this.live = live;
    }

    /**
     * Finds the place to begin. Called once, with the hub's lock held.
     *
     * @param requested the id of the last event that the subscriber has, {@code earliest}, or {@code null}
     * @param mayKnow whether the subscriber may learn of an event by its publisher's id
     */
    void start(History history, @Nullable String requested, Predicate<Event> mayKnow) {
        catchingUp = requested != null;
        end = history.newest().position();
        boolean byId = requested != null && !requested.equals(Update.EARLIEST);
        History.Checkpoint start = requested == null
                ? history.newest()
                : byId ? history.find(requested, mayKnow) : history.oldest();
        if (start == null) {
            lastId = requested;
            return;
        }
        position = start.position();
        resumable = position;
        startId = byId ? requested : start.id();
        lastId = startId;
    }

    /** Returns an id that stands for the place where it began, or {@code null} if that is unknown. */
    @Nullable
    String startId() {
        return startId;
    }

    /** Returns whether the event must go into the mailbox: it was not offered before, and catching up will not reach it. */
    boolean accepts(Event event) {
        return !catchingUp && event.position() != offered;
    }

    /** Adds an event to the mailbox. If the mailbox is full, empties it, begins to catch up and returns false. */
    boolean offer(Event event) {
        offered = event.position();
        if (mailbox.offer(event)) {
            return true;
        }
        catchUpFrom(Objects.requireNonNull(mailbox.peek()));
        return false;
    }

    /** Empties the mailbox if the history, which holds all events after the position {@code gone}, holds all its events. */
    void leaveToHistory(long gone) {
        Event first = mailbox.peek();
        if (first != null && first.position() > gone) {
            catchUpFrom(first);
        }
    }

    private void catchUpFrom(Event first) {
        position = first.position() - 1;
        mailbox.clear();
        catchingUp = true;
    }

    /** Removes the other events from the mailbox. */
    void retain(Predicate<Event> kept) {
        mailbox.retain(kept);
    }

    /** Requests a heartbeat, which is sent if nothing else waits. */
    void heartbeat(History.Checkpoint newest) {
        heartbeatDue = newest;
    }

    boolean isEmpty() {
        return !catchingUp && mailbox.peek() == null;
    }

    boolean isCatchingUp() {
        return catchingUp;
    }

    /** Returns whether nothing will ever be added. */
    boolean isOver() {
        return !live && !catchingUp;
    }

    /** Returns the bytes in the mailbox. */
    int bytes() {
        return mailbox.bytes();
    }

    /** Moves events from the mailbox to a batch, as many as fit. */
    void takeInto(Batch batch) {
        for (Event event = mailbox.peek(); event != null && batch.hasRoomFor(event); event = mailbox.peek()) {
            mailbox.remove();
            batch.add(event);
            passed(event, true);
        }
        if (batch.isEmpty() && heartbeatDue != null) {
            batch.add(heartbeatFrame(heartbeatDue));
        }
        heartbeatDue = null;
    }

    /** A heartbeat. If the subscriber has come further than its client knows, the heartbeat carries the id to resume from. */
    private byte[] heartbeatFrame(History.Checkpoint newest) {
        position = Math.max(position, newest.position());
        if (newest.position() <= resumable) {
            return EventEncoder.comment("heartbeat");
        }
        resumable = newest.position();
        lastId = newest.id();
        return EventEncoder.checkpoint(newest.id(), "heartbeat");
    }

    /** Reads what comes next in the history; if that is nothing, it is live or over. Called with the hub's lock held. */
    History.Slice read(History history) {
        History.Slice slice = history.after(position, lastId);
        position = slice.after();
        if (slice.gap() != null) {
            lastId = slice.gap().id();
            resumable = position;
        }
        if (!live && slice.after() >= end) {
            catchingUp = false;
            return new History.Slice(slice.gap(), slice.after(), List.of());
        }
        if (slice.events().isEmpty()) {
            catchingUp = false;
        }
        return slice;
    }

    /** Moves on to this event, which is either given to the subscriber or not for this subscriber. */
    void passed(Event event, boolean given) {
        position = event.position();
        if (given) {
            resumable = position;
            lastId = event.id();
        }
    }

    /** Forgets everything that waits. */
    void discard() {
        mailbox.clear();
        catchingUp = false;
        heartbeatDue = null; // it would tell the client that it has everything
    }
}
