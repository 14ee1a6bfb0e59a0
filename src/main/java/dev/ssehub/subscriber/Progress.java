package dev.ssehub.subscriber;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import org.jspecify.annotations.Nullable;

/** How far a subscriber has come. Not thread-safe: the subscriber's monitor guards it. */
final class Progress {
    // An event is first given to the subscriber: it is in the batch that is written next. When the write has returned, everything up
    // to the position is written or was skipped, because the selectors do not select it or the subscriber may not receive it.

    /** Stands for no position. */
    static final long NONE = -1;

    private boolean isStartKnown;
    private long start = NONE;
    /** The position of the last event that was given to the subscriber or skipped. */
    private long position;
    /** The last position from which the client can resume, because it was given an id for it. */
    private long resumable;
    /** The last id that the client was given; {@code null} for the id of the position {@code resumable}. */
    private @Nullable String lastId;

    private long written;
    /** The last id that was written, as {@code resumable} and {@code lastId}. */
    private long writtenResumable;
    private @Nullable String writtenId;
    private long events;
    private long bytes;
    private int writingEvents;
    private int writingBytes;
    private long missedAfter = NONE;
    private long missedUpTo = NONE;
    private boolean stopped;

    void start(Start from) {
        isStartKnown = from.isKnown();
        start = from.position();
        position = start;
        resumable = start;
        lastId = from.requested();
        remember();
    }

    /** Returns the id of the start position, or {@code null} if the requested id was not found. Called before the first write. */
    @Nullable
    String startId() {
        return isStartKnown ? lastId() : null;
    }

    long position() {
        return position;
    }

    /** Returns the last position from which the client can resume. */
    long resumable() {
        return resumable;
    }

    /** Returns the last id that the client was given. */
    String lastId() {
        return lastId == null ? HubId.text(resumable) : lastId;
    }

    /** Advances to a position, because the subscriber does not receive the events up to it. */
    void skipTo(long place) {
        position = Math.max(position, place);
    }

    /** Advances to a place from which the client can resume, because it receives its id. */
    void resumableAt(long place) {
        skipTo(place);
        resumable = place;
        lastId = null;
    }

    /** Advances to an event that is given to the subscriber. */
    void given(Event event) {
        position = event.position();
        resumable = position;
        lastId = event.id();
    }

    /** Records that the client is told that events are missing, all of them after one position and up to another one. */
    void missed(long after, long upTo) {
        missedAfter = missedAfter == NONE ? after : missedAfter;
        missedUpTo = upTo;
    }

    /** Records what is written next. */
    void writing(Batch batch) {
        writingEvents = batch.events();
        writingBytes = batch.size();
    }

    /** Records that everything that was given is written. */
    void written() {
        if (!stopped) {
            events += writingEvents;
            bytes += writingBytes;
            remember();
        }
        writingEvents = 0;
        writingBytes = 0;
    }

    private void remember() {
        written = position;
        writtenResumable = resumable;
        writtenId = lastId;
    }

    /** Stops counting, because waiting events are dropped and a write may be interrupted. */
    void stop() {
        stopped = true;
    }

    /** Returns the progress at this moment. */
    StreamStatus.Place place() {
        return new StreamStatus.Place(start, written, position, writtenResumable, writtenId, missedAfter, missedUpTo, events,
                bytes);
    }

    int writingEvents() {
        return writingEvents;
    }

    int writingBytes() {
        return writingBytes;
    }
}
