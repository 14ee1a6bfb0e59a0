package dev.ssehub.metrics;

import java.util.Locale;

/** What a client, or all of them, may have at most. */
public enum Limit {
    /** Connections and streams, of all clients. */
    CONNECTIONS,
    /** Those of one client address. */
    CONNECTIONS_PER_ADDRESS,
    /** Time for a request to come, or for its answer to be taken. */
    REQUEST_TIME,
    /** The request line and headers of a request, and those of all that are under way. */
    HEADER_SIZE,
    /** Topics of a subscription, or of an update. */
    TOPICS,
    /** The length of a topic, an id or a type. */
    NAME_LENGTH,
    /** A request to publish. */
    PUBLISH_SIZE,
    /** All requests to publish that are under way. */
    PENDING_SIZE,
    /** Requests to publish, by the second, with one token. */
    PUBLISHES_PER_TOKEN,
    /** Requests to publish, by the second, from one client address. */
    PUBLISHES_PER_ADDRESS,
    /** What waits for one subscriber. */
    MAILBOX,
    /** Events that are held, by number and bytes. */
    HISTORY;

    /** In lower case, with {@code -} between words. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
