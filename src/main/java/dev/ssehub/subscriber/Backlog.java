package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.event.HubEvents;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import org.jspecify.annotations.Nullable;

/** The events that one subscriber still has to receive, and its position. Not thread-safe: the subscriber's monitor guards it. */
final class Backlog {
    // A subscriber is live or catching up. While it is live, new events go into its mailbox. When the mailbox is full, the
    // mailbox is cleared and the subscriber catches up: it reads the history from its position on. When a read finds no more
    // events, the subscriber is live again. No event is lost in between, because each read holds the hub's lock. A client that
    // resumes after a reconnect also starts by catching up.

    private static final long UNKNOWN = -1;
    /** As short as possible, because some libraries collect the lines since the last event, and fail at 64 KiB. */
    private static final byte[] HEARTBEAT_LINE = {':', '\n'};

    private final Mailbox mailbox;
    /** Whether the stream continues with new events, or ends at the position {@code end}. */
    private final boolean live;
    private final boolean checkpoints;
    private long end;
    /** The position of the last event that was offered. */
    private long offered;
    private boolean catchingUp;
    private History.@Nullable Checkpoint heartbeatDue;

    /** The position of the last event that was sent to the subscriber or skipped. */
    private long position = UNKNOWN;
    /** The last position from which the client can resume, because it has received an id for it. */
    private long resumable = UNKNOWN;
    private @Nullable String startId;
    private @Nullable String lastId;

    Backlog(Mailbox mailbox, Subscription subscription) {
        this.mailbox = mailbox;
        this.live = subscription.live();
        this.checkpoints = subscription.checkpoints();
    }

    /** Finds the start position. Called once, with the hub's lock held. See {@link Subscription} for the requested id. */
    void start(History history, @Nullable String requested, Predicate<Event> mayKnow) {
        catchingUp = requested != null;
        end = history.newest().position();
        boolean byId = requested != null && !requested.equals(Update.EARLIEST);
        History.Checkpoint start = switch (requested) {
            case null -> history.newest();
            case Update.EARLIEST -> history.extent().oldest();
            default -> history.find(requested, mayKnow);
        };
        if (start != null) {
            position = start.position();
            resumable = position;
            startId = byId ? requested : start.id();
        }
        lastId = byId ? requested : startId;
    }

    /** Returns the last frame of a stream that ends for this reason, if the client must know the reason. */
    Optional<byte[]> finalFrame(@Nullable DisconnectReason reason) {
        return HubEvents.finalFrame(reason, checkpoints);
    }

    /** Returns the id of the start position, or {@code null} if the requested id was not found. */
    @Nullable
    String startId() {
        return startId;
    }

    /** Returns whether the event must go into the mailbox: the subscriber is live, and the event was not offered before. */
    boolean accepts(Event event) {
        return !catchingUp && event.position() != offered;
    }

    /** Adds an event to the mailbox. If it does not fit, clears the mailbox, starts to catch up and returns false. */
    boolean offer(Event event) {
        offered = event.position();
        if (mailbox.offer(event)) {
            return true;
        }
        catchUpFrom(Objects.requireNonNullElse(mailbox.peek(), event));
        return false;
    }

    /** Clears the mailbox and starts to catch up if the history, which holds all events after {@code evicted}, has them. */
    void spillToHistory(long evicted) {
        Event first = mailbox.peek();
        if (first != null && first.position() > evicted) {
            catchUpFrom(first);
        }
    }

    private void catchUpFrom(Event first) {
        position = first.position() - 1;
        mailbox.clear();
        catchingUp = true;
    }

    void retain(Predicate<Event> kept) {
        mailbox.retain(kept);
    }

    /** Requests a heartbeat. It is sent only if no event is waiting. */
    void heartbeat(History.Checkpoint newest) {
        heartbeatDue = newest;
    }

    boolean isEmpty() {
        return !catchingUp && mailbox.peek() == null;
    }

    boolean isCatchingUp() {
        return catchingUp;
    }

    /** Returns whether the subscriber is not live and has read everything. */
    boolean isComplete() {
        return !live && !catchingUp;
    }

    /** Moves as many events as fit from the mailbox to a batch. */
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

    /** Returns a heartbeat. It carries a checkpoint if that is newer than the last id that the client has received. */
    private byte[] heartbeatFrame(History.Checkpoint newest) {
        position = Math.max(position, newest.position());
        if (!checkpoints) {
            return HEARTBEAT_LINE;
        }
        if (newest.position() <= resumable) {
            return EventEncoder.comment("heartbeat", true);
        }
        resumable = newest.position();
        lastId = newest.id();
        return EventEncoder.comment(null, newest.id(), "heartbeat", true);
    }

    /** Reads the next events from the history. If there are none, stops catching up. Called with the hub's lock held. */
    History.Slice read(History history) {
        History.Slice slice = history.after(position, lastId);
        position = slice.after();
        if (slice.gap() != null) {
            lastId = slice.gap().id();
            resumable = position;
        }
        boolean atEnd = !live && position >= end;
        if (atEnd || slice.events().isEmpty()) {
            catchingUp = false;
        }
        return atEnd ? new History.Slice(slice.gap(), position, List.of()) : slice;
    }

    /** Advances the position to an event that is sent to the subscriber ({@code given}) or skipped. */
    void passed(Event event, boolean given) {
        position = event.position();
        if (given) {
            resumable = position;
            lastId = event.id();
        }
    }

    /** Drops all waiting events and stops catching up. */
    void discard() {
        mailbox.clear();
        catchingUp = false;
        heartbeatDue = null; // its checkpoint would skip the dropped events
    }
}
