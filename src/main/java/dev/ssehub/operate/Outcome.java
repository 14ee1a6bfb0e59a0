package dev.ssehub.operate;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.metrics.Labelled;
import dev.ssehub.subscriber.StreamStatus;

/** What became of an event for a stream whose topics it matches. Those that an operator looks for come first. */
enum Outcome implements Labelled {
    /** The event waits, in the mailbox, in a write in progress, or in the history of a stream that catches up. */
    WAITING,
    /** The history had lost the event when the stream came to its place, and the client was told about the gap, or will be. */
    MISSING,
    /** The event is private, and the token of the stream does not grant it. */
    FILTERED,
    /** The event waited when the stream ended. */
    CUT_OFF,
    /** The stream ended before the event was published. */
    LEFT_BEFORE,
    /** The stream was opened after the event, and its client did not ask for earlier ones, or said that it had them. */
    CAME_LATER,
    /** The event was written to the connection. */
    WRITTEN;

    private static final List<String> LABELS = Stream.of(values()).map(Outcome::label).toList();

    static Outcome parse(String label) {
        return values()[place(StreamQuery.oneOf("outcome", label, LABELS))];
    }

    /** Returns the place of an outcome among all, or -1 if there is no such outcome. */
    static int place(String label) {
        return LABELS.indexOf(label);
    }

    /** @param held whether the history holds the event */
    static Outcome of(Listed stream, Event event, boolean held) {
        StreamStatus status = stream.status();
        StreamStatus.Place place = status.place();
        long position = event.position();
        if (place.start() == Listed.NONE && stream.open().isPresent()) {
            return WAITING; // the stream finds its start at this moment
        }
        if (position <= place.start()) {
            return CAME_LATER;
        }
        if (!status.mayReceive(event)) {
            return FILTERED;
        }
        if (position <= place.written()) {
            return wasMissed(place, event, held) ? MISSING : WRITTEN;
        }
        return stream.open().isEmpty() ? position > stream.delivered() ? LEFT_BEFORE : CUT_OFF : ofOpen(stream, position, held);
    }

    /** The positions of a gap can also have events that the stream has received, but not if the history has lost them. */
    private static boolean wasMissed(StreamStatus.Place place, Event event, boolean held) {
        return place.missedAfter() < event.position() && event.position() <= place.missedUpTo()
                && (!held || event.topics().size() > 1);
    }

    private static Outcome ofOpen(Listed stream, long position, boolean held) {
        StreamStatus status = stream.status();
        boolean isWritten = position <= status.place().given();
        if (stream.waitsInHistory() && !isWritten) {
            return held ? WAITING : MISSING;
        }
        boolean isInMailbox = status.firstWaiting() != Listed.NONE && position >= status.firstWaiting();
        if (isWritten || isInMailbox || position > stream.delivered()) {
            return WAITING;
        }
        return status.reason() == null ? FILTERED : CUT_OFF; // the token of that time did not grant it, or the mailbox was emptied
    }
}
