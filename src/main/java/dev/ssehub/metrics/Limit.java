package dev.ssehub.metrics;

/** The limits because of which the hub refuses what a client wants, or cuts the client off. */
public enum Limit implements Labelled {
    /** The connections and streams of all clients. */
    CONNECTIONS,
    /** The connections of one client address. */
    CONNECTIONS_PER_ADDRESS,
    /** The time for receiving a request and for sending the answer. */
    REQUEST_TIME,
    /** The size of the request line and headers of one request, or of all requests in progress. */
    HEADER_SIZE,
    /** The number of topics of a subscription or an update. */
    TOPICS,
    /** The length of a topic, an id or a type. */
    NAME_LENGTH,
    /** The size of one publish request. */
    PUBLISH_SIZE,
    /** The number of events of one publish request. */
    BATCH_SIZE,
    /** The size of all publish requests in progress. */
    PENDING_SIZE,
    /** The events and requests per second that are published with one token. */
    PUBLISHES_PER_TOKEN,
    /** The events and requests per second that are published from one client address. */
    PUBLISHES_PER_ADDRESS,
    /** The time for finding the subscribers of one update. */
    MATCHING;
}
