package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Update;
import org.jspecify.annotations.Nullable;

/**
 * Carries updates from publishers to all nodes of the hub. A transport assigns an id to each update, and passes the updates of
 * all nodes to the listener, one at a time and in the same order on each node. Its ids are two numbers with a hyphen between
 * them; publishers cannot choose such ids.
 */
public interface Transport extends AutoCloseable {
    /** An update on its way, and the templates that match it. They are {@code null} in an update of another node. */
    record Publication(Update update, SubscriberRegistry.@Nullable Matching matching) {}

    /**
     * Starts the transport. Called once, before the first update is published.
     *
     * @param listener receives the transport's id and the publication, and returns the id that subscribers see. It does not block
     *     on I/O. It is called on the publisher's thread before {@link #publish} returns, or later on a thread of the transport.
     * @return the id of the place before the first update
     */
    String start(BiFunction<String, Publication, String> listener);

    /**
     * Publishes an update and returns the id that subscribers see. Any thread may call it.
     *
     * @throws HubClosedException before {@link #start} or after {@link #close}
     */
    String publish(Publication publication);

    /** Stops the transport. After this returns, the listener is not called. Closing again does nothing. */
    @Override
    void close();
}
