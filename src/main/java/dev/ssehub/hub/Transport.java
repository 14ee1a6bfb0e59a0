package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.metrics.PublishedBy;
import org.jspecify.annotations.Nullable;

/**
 * Carries updates from publishers to all nodes of the hub. A transport gives a position ({@link HubId}) to each update, and passes the
 * updates of all nodes to the listener, one at a time and in the same order on each node.
 */
public interface Transport extends AutoCloseable {
    /**
     * An update on its way.
     *
     * @param matching the templates that match it; {@code null} in an update of another node
     * @param matched takes the number of subscribers of this node that the event matches, before its publisher gets an answer; not
     *     called for a repetition
     */
    record Publication(Update update, SubscriberRegistry.@Nullable Matching matching, PublishedBy publisher,
            IntConsumer matched) {}

    /** Receives the updates of all nodes. */
    interface Listener {
        /**
         * Takes the next update. Does not block on I/O. Called on the publisher's thread before {@link #publish} returns, or later on
         * a thread of the transport.
         *
         * @return a receipt, on which the publisher waits outside the locks of the transport
         */
        Addition accept(long position, Publication publication);
    }

    /**
     * Starts the transport. Called once, before the first update is published.
     *
     * @param newest the newest position that the hub has used before; all new positions are greater
     * @return the position before the first update
     */
    long start(Listener listener, long newest);

    /**
     * Publishes an update and returns the id that subscribers see. Any thread may call it. Blocks until the event is in the history.
     *
     * @throws HubClosedException before {@link #start} or after {@link #close}
     * @throws HistoryUnavailableException if the history cannot take the event now
     */
    String publish(Publication publication);

    /** Returns why updates cannot be passed on now, or nothing. Does not block. */
    default Optional<String> outage() {
        return Optional.empty();
    }

    /** Stops the transport. After this returns, the listener is not called. Closing again does nothing. */
    @Override
    void close();
}
