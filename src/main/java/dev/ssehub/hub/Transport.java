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
     * @param local whether only the subscribers of this node receive the event
     */
    record Publication(Update update, SubscriberRegistry.@Nullable Matching matching, PublishedBy publisher,
            IntConsumer matched, boolean local) {
        /** Returns the publication of an update that another node has published. */
        public static Publication ofOtherNode(Update update) {
            return new Publication(update, null, PublishedBy.OTHER_NODE, _ -> {}, false);
        }
    }

    /**
     * An update with its place in the order.
     *
     * @param ageMillis how long ago the update was published
     */
    record Placed(long position, long ageMillis, Publication publication) {}

    /** Receives the updates of all nodes. One thread at a time calls it. */
    interface Listener {
        /**
         * Takes the position before the first update. Called once, before all other methods.
         *
         * @param position the position before all events that this node can have, or its newest position
         */
        void begin(long position);

        /** Returns the newest position that the listener has taken. */
        long newest();

        /**
         * Takes the next updates, all or none of them. Does not block on I/O. Called on a thread of the transport, or on the
         * publisher's thread before {@link #publish} returns.
         *
         * @param live whether the updates are new; otherwise, they were published before this node has started
         * @return a receipt for each, on which to wait outside the locks of the transport
         */
        List<Addition> accept(List<Placed> updates, boolean live);

        /**
         * Takes the news that updates up to a position are missing for good. Blocks until the history knows it.
         *
         * @param live whether this node has missed them; otherwise, they were lost before it started
         * @throws HistoryUnavailableException if the history cannot be changed now
         */
        void lose(long upTo, boolean live);

        /**
         * Forgets the past of a topic on this node. May block on I/O, but not for long.
         *
         * @return waits until the events are removed
         * @throws HistoryUnavailableException if the history cannot be changed now; the returned action throws it, too
         */
        Runnable forget(String topic);
    }

    /**
     * Starts the transport. Called once, before the first update is published. Returns when the listener has all updates that the
     * transport still has.
     *
     * @param newest the newest position that the hub has used before, or 0; all new positions are greater
     */
    void start(Listener listener, long newest);

    /**
     * Publishes updates together: they follow each other in the order, and either all or none of them enter the history. Any thread may
     * call it. Blocks until the events are in the history. Returns the ids that subscribers see.
     *
     * @param together at least one; either all of them are local, or none
     * @throws HubClosedException before {@link #start} or after {@link #refuse}
     * @throws HistoryUnavailableException if the transport or the history cannot take the events now
     */
    List<String> publish(List<Publication> together);

    /** Publishes one update, see {@link #publish(List)}. */
    default String publish(Publication publication) {
        return publish(List.of(publication)).getFirst();
    }

    /**
     * Forgets the past of a topic on all nodes. Blocks until this node has forgotten it.
     *
     * @throws HistoryUnavailableException if the transport or the history cannot do it now
     */
    void forget(String topic);

    /**
     * Returns whether the transport finds out for all nodes which updates are repetitions. Otherwise, the history of the only node
     * does.
     */
    default boolean findsRepetitions() {
        return false;
    }

    /**
     * Waits until this node has received what any node has published before the call, but not long. Returns false if it has not,
     * because the transport is interrupted.
     */
    default boolean catchUp() {
        return true;
    }

    /**
     * Returns the newest position that all nodes share, up to this one. The positions between the two are those of events that are local
     * to a node.
     */
    default long shared(long position) {
        return position;
    }

    /** Returns why updates cannot be passed on now, or nothing. Does not block. */
    default Optional<String> outage() {
        return Optional.empty();
    }

    /** Takes no further updates of publishers. Those that are under way are still passed on. */
    void refuse();

    /** Stops the transport. After this returns, the listener is not called. Closing again does nothing. */
    @Override
    void close();
}
