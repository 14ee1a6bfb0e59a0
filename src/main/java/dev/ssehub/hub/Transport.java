package dev.ssehub.hub;

import java.util.function.BiFunction;

/**
 * The way from publishing to delivery. A transport assigns an id to each update and hands the updates of all nodes of the hub to the
 * listener, one at a time and in one order. Its ids are two numbers with a hyphen between them; no publisher can choose such an id.
 */
public interface Transport extends AutoCloseable {

    /**
     * Starts it. Called once, before anything is published.
     *
     * @param listener receives the id and the publication, and returns the id that subscribers see, which may be the publisher's. It does
     *     not block on I/O. It is called on the publisher's thread before {@link #publish} returns, or later on a thread of the
     *     transport.
     * @return an id that stands for the time before the first update
     */
    String start(BiFunction<String, Publication, String> listener);

    /**
     * Publishes an update and returns the id that subscribers see. Any thread may call it.
     *
     * @throws HubClosedException before {@link #start} or after {@link #close}
     */
    String publish(Publication publication);

    /** Stops it: the listener is not called any more when this has returned. Closing again does nothing. */
    @Override
    void close();
}
