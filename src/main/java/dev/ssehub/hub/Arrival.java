package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import org.jspecify.annotations.Nullable;

/** Receives clients that were on another node before: their last event may not have come to this node yet. Thread-safe. */
final class Arrival {
    /** The clocks of the nodes differ by less than this. An id that is further in the future was not given by any node. */
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private final Transport transport;
    private final History history;
    private final InstantSource clock;

    Arrival(Transport transport, History history, InstantSource clock) {
        this.transport = transport;
        this.history = history;
        this.clock = clock;
    }

    /**
     * Returns whether a client has an event that this node does not have yet, although this node was given the time to receive it.
     *
     * @param lastEventId the id that the client has sent
     * @throws HistoryUnavailableException if this node cannot find out now what the client has
     */
    boolean isAhead(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.equals(Update.EARLIEST)) {
            return false;
        }
        long position = HubId.parse(lastEventId);
        if (position == HubId.NONE) {
            requireKnown(lastEventId);
            return false;
        }
        return isNewer(position) && !transport.catchUp() && isNewer(position);
    }

    /** A publisher's id does not tell the place of its event. Without it, the client would receive again what it has. */
    private void requireKnown(String id) {
        if (isUnknown(id) && !transport.catchUp() && isUnknown(id)) {
            throw new HistoryUnavailableException(
                    "this node does not know the last event of the client, and cannot get news from the other nodes now");
        }
    }

    private boolean isUnknown(String id) {
        return history.find(id, _ -> true) == History.UNKNOWN;
    }

    private boolean isNewer(long position) {
        return position > history.newest() && HubId.millis(position) < clock.millis() + MAX_AHEAD.toMillis();
    }
}
