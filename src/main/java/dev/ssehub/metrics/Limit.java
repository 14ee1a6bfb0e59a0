package dev.ssehub.metrics;

import java.util.Locale;

/** The limits that a client, or all clients together, can reach. */
public enum Limit {
    /** Connections and streams of all clients. */
    CONNECTIONS,
    /** Connections of one client address. */
    CONNECTIONS_PER_ADDRESS,
    /** The time for a request to arrive, and for its answer to be taken. */
    REQUEST_TIME,
    /** The request line and headers of one request, or of all requests under way. */
    HEADER_SIZE,
    /** The topics of a subscription or an update. */
    TOPICS,
    /** The length of a topic, an id or a type. */
    NAME_LENGTH,
    /** The size of one publish request. */
    PUBLISH_SIZE,
    /** The size of all publish requests under way. */
    PENDING_SIZE,
    /** The publish requests per second with one token. */
    PUBLISHES_PER_TOKEN,
    /** The publish requests per second from one client address. */
    PUBLISHES_PER_ADDRESS,
    /** The events that wait for one subscriber. */
    MAILBOX,
    /** The number and bytes of the events in the history. */
    HISTORY;

    /** Returns the name in lower case, with {@code -} between words. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
