package dev.ssehub.hub;

import java.util.function.BiConsumer;

/**
 * The way between publish and deliver. It gives each update its id and hands every update of every node of the hub to the
 * listener: one at a time, in one order, each with its id.
 */
public interface Transport extends AutoCloseable {

    /**
     * Called once, before anything is published. The listener does not block on I/O; it may be called before
     * {@link #publish} returns, on the publisher's thread, or later on a thread of the transport's.
     */
    void start(BiConsumer<String, Update> listener);

    /**
     * Accepts an update from any thread and returns the id that it was given.
     *
     * @throws IllegalStateException
     *             before {@link #start} or after {@link #close}
     */
    String publish(Update update);

    /** Ends it: the listener is not called after this returns. Closing twice does nothing. */
    @Override
    void close();
}
