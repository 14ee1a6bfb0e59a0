package dev.ssehub.hub;

import java.util.function.BiFunction;

import dev.ssehub.event.Update;

/**
 * The way between publish and deliver. It gives each update an id and hands every update of every node of the hub to the
 * listener: one at a time, in one order, each with its id: two numbers with a hyphen
 * between, as no publisher may choose it.
 */
public interface Transport extends AutoCloseable {

    /**
     * Called once, before anything is published.
     *
     * @param listener does not block on I/O; may be called before {@link #publish} returns, on the publisher's thread, or later
     *     on a thread of the transport's. Returns the id under which subscribers see the update, which may be its publisher's.
     * @return an id that stands for the time before the first update that will be handed over
     */
    String start(BiFunction<String, Update, String> listener);

    /**
     * Accepts an update from any thread and returns the id under which subscribers see it.
     *
     * @throws HubClosedException before {@link #start} or after {@link #close}
     */
    String publish(Update update);

    /** Ends it: the listener is not called after this returns. Closing twice does nothing. */
    @Override
    void close();
}
