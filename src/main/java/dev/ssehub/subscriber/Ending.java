package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.HubEvents;
import dev.ssehub.event.HubId;
import dev.ssehub.metrics.DisconnectReason;
import org.jspecify.annotations.Nullable;

/** Why one stream ends, and its last frame. Only the first reason counts. Not thread-safe: the subscriber's monitor guards it. */
final class Ending {
    private final boolean checkpoints;
    private @Nullable DisconnectReason reason;
    private @Nullable Long retryMillis;
    private volatile boolean disconnected;
    /** The last frame, if there is one. Used only by the drainer. */
    private Optional<byte[]> last = Optional.empty();

    /** @param checkpoints whether the client understands blocks without data */
    Ending(boolean checkpoints) {
        this.checkpoints = checkpoints;
    }

    /** Returns why the stream ends, or {@code null} while it is open. */
    @Nullable
    DisconnectReason reason() {
        return reason;
    }

    /**
     * Begins to end the stream. Returns whether it was open. If the permission of a client that has only asked for past events expires
     * before it has received them, or the last events of its topics, that counts, because some of them are missing.
     */
    boolean begin(DisconnectReason why) {
        boolean wasOpen = reason == null;
        boolean hasReachedEnd = reason == DisconnectReason.CAUGHT_UP || reason == DisconnectReason.ENDED;
        reason = wasOpen || (hasReachedEnd && why == DisconnectReason.EXPIRED) ? why : reason;
        return wasOpen;
    }

    /** Sets the reconnection time of a client whose stream ends because the hub stops. */
    void reconnectAfter(long millis) {
        retryMillis = millis;
    }

    /** Records that the connection has ended. Returns the first reason. */
    DisconnectReason disconnected(DisconnectReason why) {
        disconnected = true;
        begin(why);
        return Objects.requireNonNull(reason);
    }

    /**
     * Returns whether the stream is to end now, after a position up to which the client has everything. If so, prepares the last frame.
     */
    boolean endsAt(long position) {
        if (reason == null) {
            return false;
        }
        last = HubEvents.finalFrame(reason, retryMillis, HubId.text(position), checkpoints);
        return true;
    }

    /** Writes the last frame, if the client must know why the stream ends, and ends it. Called by the drainer, without the monitor. */
    void write(Consumer<List<byte[]>> writer, Runnable end) {
        if (!disconnected) {
            last.ifPresent(frame -> writer.accept(List.of(frame)));
            end.run();
        }
    }
}
