package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscriber starts. If all its topics have ended, it starts with their past, because nothing new can follow.
 *
 * @param position the position after which it wants events
 * @param catchesUp whether it first reads the history
 * @param isKnown whether the id that the client has sent is known; if not, events may be missing
 * @param requested the id that the client has sent, or {@code null} if it has sent none
 * @param told the number of losses of the history that do not matter to the client; -1 if all matter
 */
record Start(long position, boolean catchesUp, boolean isKnown, @Nullable String requested, long told) {
    /** Finds the start. May block on I/O. */
    static Start of(Subscription subscription, SelectorSet selectors, History history, Predicate<Event> mayReceive) {
        String requested = subscription.lastEventId();
        long losses = history.losses();
        if (requested == null && subscription.last() == 0) {
            long newest = history.newest(); // read first, so that the subscriber receives a later end as a new event
            boolean isOver = subscription.live() && history.positionOfLastEnd(selectors, mayReceive) != History.UNKNOWN;
            return isOver ? at(history.beginning(), true, losses) : at(newest, false, losses);
        }
        if (requested == null) {
            return at(history.beforeLast(subscription.last(), history.select(selectors, 0, losses), mayReceive), true, losses);
        }
        if (requested.equals(Update.EARLIEST)) {
            return at(history.beginning(), true, losses);
        }
        long found = history.find(requested, mayReceive);
        return found == History.UNKNOWN
                ? new Start(history.beginning(), true, false, requested, History.UNKNOWN)
                : new Start(found, true, true, requested, History.UNKNOWN);
    }

    /** Starts after a position, because the client has everything up to it. */
    static Start at(long position, @Nullable String requested) {
        return new Start(position, true, true, requested, History.UNKNOWN);
    }

    private static Start at(long position, boolean catchesUp, long losses) {
        return new Start(position, catchesUp, true, null, losses);
    }
}
