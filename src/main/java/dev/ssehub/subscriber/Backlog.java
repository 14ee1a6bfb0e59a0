package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.EventEncoder;
import dev.ssehub.event.HubEvents;
import dev.ssehub.history.Slice;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import org.jspecify.annotations.Nullable;

/** The events that one subscriber still has to receive. Not thread-safe: the subscriber's monitor guards it. */
final class Backlog {
    // A subscriber is live or catching up. While it is live, new events go into its mailbox. When the mailbox is full, the
    // mailbox is cleared and the subscriber catches up: it reads the history from its position on. A client that resumes after a
    // reconnect also starts by catching up.
    //
    // An event is offered after it is in the history. So when a read has reached the newest position of the history, the subscriber
    // is live again: all later events will be offered. The position tells which of the offered events it has already.

    /** As short as possible, because some libraries collect the lines since the last event, and fail at 64 KiB. */
    private static final byte[] HEARTBEAT_LINE = {':', '\n'};

    private final Mailbox mailbox;
    private final Progress progress;
    /** Whether the stream continues with new events, or ends at the position {@code last}. */
    private final boolean live;
    private final boolean checkpoints;
    private long last;
    /** The position of the last event that was offered. */
    private long offered;
    private boolean catchingUp = true;
    /** Whether the subscriber may have received the ends of all its topics by the time its mailbox is empty. */
    private boolean endDue;
    private @Nullable Long heartbeatDue;

    Backlog(Mailbox mailbox, Progress progress, Subscription subscription) {
        this.mailbox = mailbox;
        this.progress = progress;
        this.live = subscription.live();
        this.checkpoints = subscription.checkpoints();
    }

    /**
     * Takes the start position. Called once, after the subscriber is registered. Events that were offered before were ignored. Returns
     * whether the subscriber is not live and has everything, as {@link #isComplete} does.
     *
     * @param newest the newest position of the history
     */
    boolean start(Start start, long newest) {
        last = newest;
        progress.start(start);
        catchingUp = start.catchesUp() || newest > start.position(); // an event between the two may have been ignored
        return isComplete();
    }

    /** Returns whether the event is offered for the first time. */
    boolean isFirstOffer(Event event) {
        boolean first = event.position() > offered;
        offered = event.position();
        return first;
    }

    /**
     * Adds an event to the mailbox if the subscriber is live and does not have the event. If it does not fit, clears the mailbox and
     * starts to catch up. Returns false if the subscriber has the event, or will find it in the history.
     */
    boolean offer(Event event, HubMetrics metrics) {
        if (catchingUp || event.position() <= progress.position()) {
            return false;
        }
        if (!mailbox.offer(event)) {
            metrics.fellBehind();
            catchUpAfter(event.position() - 1);
        }
        endDue |= event.ends();
        return true;
    }

    /** Clears the mailbox and starts to catch up if the history, which holds all events after {@code evicted}, has them. */
    void spillToHistory(long evicted) {
        Event first = mailbox.peek();
        if (first != null && first.position() > evicted) {
            catchUpAfter(first.position() - 1);
        }
    }

    /**
     * Clears the mailbox and starts to catch up. Returns false if the subscriber was catching up already.
     *
     * @param position the position up to which the subscriber has everything, together with its mailbox
     */
    boolean catchUpAfter(long position) {
        if (catchingUp) {
            return false;
        }
        Event first = mailbox.peek();
        progress.skipTo(first == null ? position : first.position() - 1);
        mailbox.clear();
        catchingUp = true;
        return true;
    }

    /** Keeps only the waiting events that a new permission covers. It can cover ends that the subscriber has passed. */
    void retain(Predicate<Event> kept) {
        mailbox.retain(kept);
        endDue = true;
    }

    /** Requests a heartbeat. It is sent only if no event is waiting. */
    void heartbeat(long newest) {
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

    /** Moves as many events as fit from the mailbox to a batch. Returns false, and does nothing, while the subscriber is catching up. */
    boolean takeInto(Batch batch) {
        if (catchingUp) {
            return false;
        }
        for (Event event = mailbox.peek(); event != null && batch.hasRoomFor(event); event = mailbox.peek()) {
            mailbox.remove();
            batch.addLive(event);
            progress.given(event);
        }
        if (endDue && mailbox.peek() == null) {
            endDue = false;
            progress.skipTo(offered);
            batch.mayEndAt(progress.position());
        }
        if (batch.isEmpty() && heartbeatDue != null) {
            batch.add(heartbeatFrame(heartbeatDue));
        }
        heartbeatDue = null;
        return true;
    }

    /** Returns a heartbeat. It carries a checkpoint if that is newer than the last id that the client has received. */
    private byte[] heartbeatFrame(long newest) {
        progress.skipTo(newest);
        if (!checkpoints) {
            return HEARTBEAT_LINE;
        }
        if (newest <= progress.resumable()) {
            return EventEncoder.comment("heartbeat", true);
        }
        progress.resumableAt(newest);
        return EventEncoder.comment(null, progress.lastId(), "heartbeat", true);
    }

    /** Returns whether no event follows a read of the history in this stream for now. */
    boolean endsWith(Slice slice) {
        return slice.atEnd() || (!live && slice.upTo() >= last);
    }

    /**
     * Moves as many events as fit from a read of the history to a batch. If this was all up to the newest position, or to the end of
     * the stream, stops catching up. Returns whether the subscriber is still catching up.
     *
     * @param mayReceive whether the subscriber may receive an event now
     */
    boolean take(Slice slice, Batch batch, Predicate<Event> mayReceive, long newest) {
        long end = slice.upTo();
        for (Event event : slice.events()) {
            if ((!live && event.position() > last) || !batch.hasRoomFor(event)) {
                end = event.position() - 1;
                break;
            }
            if (mayReceive.test(event)) {
                batch.add(event);
                progress.given(event);
            }
        }
        progress.skipTo(end);
        if (end == newest || (!live && progress.position() >= last)) {
            catchingUp = false;
            endDue = false;
            batch.mayEndAt(progress.position());
        }
        return catchingUp;
    }

    /** Drops all waiting events and stops catching up. */
    void discard() {
        mailbox.clear();
        catchingUp = false;
        endDue = false;
        heartbeatDue = null; // its checkpoint would skip the dropped events
        progress.stop();
    }

    int waitingEvents() {
        return mailbox.events();
    }

    int waitingBytes() {
        return mailbox.bytes();
    }

    /** Returns the position of the first event that waits in the mailbox, or {@link Progress#NONE}. */
    long firstWaiting() {
        Event first = mailbox.peek();
        return first == null ? Progress.NONE : first.position();
    }
}
