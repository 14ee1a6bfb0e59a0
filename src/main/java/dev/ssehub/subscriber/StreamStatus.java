package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/**
 * A stream at one moment, for operators and metrics.
 *
 * @param opening when and by whom it was opened
 * @param permission what the subscriber may receive
 * @param reason why the stream ends; {@code null} while it is open
 * @param catchingUp whether it reads the history, and its waiting events are there
 * @param waitingEvents the number of events in the mailbox, and in the write in progress
 * @param waitingBytes the bytes of these events
 * @param firstWaiting the position of the first event in the mailbox; -1 if the mailbox is empty
 * @param place how far the subscriber has come
 * @param stalledNanos the time since a write in progress last made progress; -1 if no write is in progress
 */
public record StreamStatus(Opening opening, SelectorSet selectors, Permission permission, @Nullable DisconnectReason reason,
        boolean catchingUp, int waitingEvents, int waitingBytes, long firstWaiting, Place place, long stalledNanos) {
    /**
     * How far a subscriber has come.
     *
     * @param start the position after which it wants events; -1 if it is not known yet
     * @param written the position up to which everything is written or was skipped
     * @param given the same, with the write in progress
     * @param resumable the position of the last id that was written
     * @param ownId the last id that was written; {@code null} if it is the hub's id of that position
     * @param missedAfter the position after which events were missing that the history had lost; -1 if there was no gap
     * @param missedUpTo the position up to which events were missing
     * @param events the number of events that were written
     * @param bytes the bytes that were written
     */
    public record Place(long start, long written, long given, long resumable, @Nullable String ownId, long missedAfter,
            long missedUpTo, long events, long bytes) {
        /** Returns the last id that was written. */
        public String lastId() {
            return ownId == null ? HubId.text(resumable) : ownId;
        }
    }

    /**
     * The memory that the hub holds for a client that reads slowly or not at all: an event that is too large for one write.
     *
     * @param age the time since the write began, in nanoseconds
     * @param idle the time since the write last made progress, in nanoseconds
     * @param frame the identity of the event's frame; several clients can share a frame
     * @param size the size of the frame in bytes
     */
    public record Stall(long age, long idle, Object frame, int size) {}

    /** Returns whether the subscriber may receive an event now. */
    public boolean mayReceive(Event event) {
        return permission.covers(event);
    }
}
