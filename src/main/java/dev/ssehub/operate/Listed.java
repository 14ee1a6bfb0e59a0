package dev.ssehub.operate;

import module java.base;
import dev.ssehub.event.HubId;
import dev.ssehub.hub.EndedStreams;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.subscriber.Subscriber;
import org.jspecify.annotations.Nullable;

/**
 * A stream in a list.
 *
 * @param open the stream, if it is still open
 * @param time now, or when the stream has ended
 * @param delivered the position up to which the hub has offered all events to its streams, at that time
 */
record Listed(StreamStatus status, Optional<Subscriber> open, Instant time, long delivered) {
    /** Stands for a number that is not known, or does not apply. */
    static final long NONE = -1;
    /** A write that takes less is no stalled write. */
    private static final long STALLED_MILLIS = 1_000;

    static Listed of(Subscriber subscriber, Instant now, long delivered) {
        return new Listed(subscriber.status(), Optional.of(subscriber), now, delivered);
    }

    static Listed of(EndedStreams.Ended ended) {
        return new Listed(ended.status(), Optional.empty(), ended.time(), ended.delivered());
    }

    String id() {
        return status.opening().idText();
    }

    String state() {
        return open.isEmpty() ? "ended" : status.reason() != null ? "ending" : waitsInHistory() ? "catching-up" : "live";
    }

    Optional<String> reason() {
        return Optional.ofNullable(status.reason()).map(DisconnectReason::label);
    }

    @Nullable
    InetAddress address() {
        return status.opening().client().address();
    }

    @Nullable
    String subject() {
        return status.opening().client().subject();
    }

    /** Returns whether the token of the stream was verified with the key of this name or thumbprint. */
    boolean hasKey(String name) {
        Permission.Key key = status.permission().key();
        return key != null && (name.equals(key.id()) || name.equals(key.thumbprint()));
    }

    long ageMillis() {
        return status.opening().time().until(time, ChronoUnit.MILLIS);
    }

    /** Returns whether its waiting events are in the history, where they are not counted. */
    boolean waitsInHistory() {
        return open.isPresent() && status.reason() == null && status.catchingUp();
    }

    /** Returns the age of the oldest event that waits, in milliseconds; 0 if none does. */
    long behindMillis() {
        if (status.place().start() == NONE) {
            return 0; // the stream finds its start at this moment
        }
        if (waitsInHistory()) {
            return since(Math.max(status.place().start(), status.place().given()));
        }
        long mailbox = status.firstWaiting() == NONE ? 0 : since(status.firstWaiting());
        return status.waitingEvents() == 0 ? 0 : Math.max(mailbox, writingMillis());
    }

    private long since(long position) {
        return Math.max(0, time.toEpochMilli() - HubId.millis(position));
    }

    private long writingMillis() {
        return status.stalledNanos() == NONE ? 0 : TimeUnit.NANOSECONDS.toMillis(status.stalledNanos());
    }

    /** Returns the time since a stalled write made progress, in milliseconds, or {@link #NONE}. */
    long stalledMillis() {
        return open.isPresent() && writingMillis() >= STALLED_MILLIS ? writingMillis() : NONE;
    }
}
