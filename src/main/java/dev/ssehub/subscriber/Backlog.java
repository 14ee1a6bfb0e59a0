package dev.ssehub.subscriber;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.history.History;

/**
 * What waits for one subscriber, in its mailbox or in the history, and how far it has come. Not thread-safe: its subscriber guards
 * it.
 */
final class Backlog {

    // It is live or catching up. Live: events come into the mailbox. When that is full it is emptied, and what waits is in the
    // history: that is read from the last position that was taken, until there is no more to read; then, under the hub's lock
    // and so between two events, it is live again. Who resumes after a reconnect just starts in that state.

    private final Mailbox mailbox;
    private final boolean endless;
    private final Progress progress = new Progress();
    /** For one that is not endless: where it ends. */
    private long end;
    private long offered;
    private boolean catchingUp;
    private History.@Nullable Checkpoint heartbeatDue;

    /** @param endless whether it goes on with what is published from now on, and does not end where the history does now */
    Backlog(Mailbox mailbox, boolean endless) {
        this.mailbox = mailbox;
        this.endless = endless;
    }

    /** Called once, with the hub's lock held: finds its place. */
    void start(History history, @Nullable String lastEventId, Predicate<Event> mayKnow) {
        progress.start(history, lastEventId, mayKnow);
        catchingUp = lastEventId != null;
        end = history.newest().position();
    }

    @Nullable
    String startId() {
        return progress.startId();
    }

    /** Called with the hub's lock held. Whether the event is news: twice in a row is once, and who catches up will come to it. */
    boolean isNews(Event event) {
        return !catchingUp && event.position() != offered;
    }

    /** Takes an event that is news; returns whether the mailbox had room for it, or all that waits is in the history now. */
    boolean offer(Event event) {
        offered = event.position();
        if (mailbox.offer(event)) {
            return true;
        }
        leaveToHistory(Objects.requireNonNull(mailbox.peek()));
        return false;
    }

    /** Empties the mailbox if the history has all that is in it: all events after this position. */
    void leaveToHistory(long gone) {
        Event first = mailbox.peek();
        if (first != null && first.position() > gone) {
            leaveToHistory(first);
        }
    }

    /** What waits from this event on is read from the history when it is its turn. What came before was not for this subscriber. */
    private void leaveToHistory(Event first) {
        progress.returnTo(first);
        mailbox.clear();
        catchingUp = true;
    }

    /** Of what is in the mailbox, only these are for the subscriber any more. */
    void retain(Predicate<Event> kept) {
        mailbox.retain(kept);
    }

    /** When nothing else waits, the client is to be told that it has all up to there. */
    void heartbeat(History.Checkpoint newest) {
        heartbeatDue = newest;
    }

    boolean isEmpty() {
        return !catchingUp && mailbox.peek() == null;
    }

    boolean isCatchingUp() {
        return catchingUp;
    }

    /** Whether no more will ever come into it. */
    boolean isOver() {
        return !endless && !catchingUp;
    }

    /** So many bytes are in the mailbox. */
    int bytes() {
        return mailbox.bytes();
    }

    /** Takes what waits in the mailbox, as much as one write takes. */
    void takeInto(Batch batch) {
        for (Event event = mailbox.peek(); event != null && batch.hasRoomFor(event); event = mailbox.peek()) {
            mailbox.remove();
            batch.add(event);
            progress.received(event);
        }
        if (batch.isEmpty() && heartbeatDue != null) { // nothing waits, so it has all that it should have
            batch.add(progress.heartbeat(heartbeatDue));
        }
        heartbeatDue = null;
    }

    /** Called with the hub's lock held: what comes next in the history; when that is nothing, it is live, or over. */
    History.Slice readHistory(History history) {
        History.Slice slice = progress.read(history);
        if (!endless && slice.after() >= end) {
            catchingUp = false;
            return new History.Slice(slice.gap(), slice.after(), List.of());
        }
        if (slice.events().isEmpty()) {
            catchingUp = false;
        }
        return slice;
    }

    /** Called for each event of the history, in order: it has been given it, or it was not for this subscriber. */
    void reached(Event event, boolean given) {
        if (given) {
            progress.received(event);
        } else {
            progress.passed(event);
        }
    }

    /** Forgets what waits. */
    void discard() {
        mailbox.clear();
        catchingUp = false;
        heartbeatDue = null; // it would say that the client has all
    }
}
