package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** Finds the place of clients that come back, also from another node with events that this node does not have. Thread-safe. */
final class Resumption {
    /** An id that is further ahead was not given by any node: the clocks of the nodes differ by less. */
    private static final Duration MAX_AHEAD = Duration.ofMinutes(1);

    private final Transport transport;
    private final History history;
    private final InstantSource clock;

    Resumption(Transport transport, History history, InstantSource clock) {
        this.transport = transport;
        this.history = history;
        this.clock = clock;
    }

    /**
     * Returns the position after which a client goes on whose last event is newer than all events of this node. This node was given the
     * time to receive it. Empty if the history knows where the client goes on.
     *
     * @param lastEventId the id that the client has sent
     * @throws HistoryUnavailableException if this node cannot find out now what the client has
     */
    OptionalLong after(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.equals(Update.EARLIEST)) {
            return OptionalLong.empty();
        }
        long position = HubId.parse(lastEventId);
        if (position == HubId.NONE) {
            requireKnown(lastEventId);
            return OptionalLong.empty();
        }
        if (!isNewer(position)) {
            return OptionalLong.empty();
        }
        boolean isLevel = hasShared(position) || transport.catchUp();
        if (hasShared(position)) { // the client also has local events of another node
            return OptionalLong.of(Math.min(position, history.newest()));
        }
        return isLevel ? OptionalLong.empty() : OptionalLong.of(position);
    }

    /**
     * Returns whether a client that comes back has everything, and nothing can follow: all its topics have ended. May block on I/O.
     *
     * @throws HistoryUnavailableException if this node cannot find out now what the client has
     */
    boolean isOver(Subscription subscription) {
        String id = subscription.lastEventId();
        SelectorSet selectors = SelectorSet.of(subscription.selectors());
        boolean mayEnd = !selectors.any() && selectors.templates().isEmpty() && subscription.live();
        if (!mayEnd || id == null || id.equals(Update.EARLIEST)) {
            return false;
        }
        Predicate<Event> mayReceive = subscription.permission()::covers;
        OptionalLong known = after(id); // first, because this node may learn of the ends only now
        long end = history.positionOfLastEnd(selectors, mayReceive);
        if (end == History.UNKNOWN) {
            return false;
        }
        long position = known.orElseGet(() -> history.find(id, mayReceive));
        // what the client has, and this node has not, may have opened a topic again
        return position >= end && position <= history.newest();
    }

    /** Returns whether this node has all events up to a position that are not local to one node. */
    private boolean hasShared(long position) {
        return transport.shared(position) <= history.newest();
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
        long newest = history.newest(); // it is ahead of the clock if the clock was set back
        return position > newest
                && HubId.millis(position) < Math.max(clock.millis(), HubId.millis(newest)) + MAX_AHEAD.toMillis();
    }
}
