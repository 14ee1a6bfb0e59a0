package dev.ssehub.metrics;

/** Why a stream has ended. Only the first reason counts. */
public enum DisconnectReason implements Labelled {
    /** The client closed the connection, or the connection broke. */
    CLIENT_GONE,
    /** A write made no progress for the write timeout, or the writes of all stalled clients held too much memory. */
    TOO_SLOW,
    /**
     * The kernel closed the connection: for the write timeout, the client's machine acknowledged no data or had no room for more, or
     * it became unreachable. Usually the machine is gone.
     */
    TIMED_OUT,
    /** The client kept sending on the open stream, or asked for another TLS handshake. */
    UNEXPECTED_DATA,
    /** The client asked only for past events, and has received them. */
    CAUGHT_UP,
    /** All topics of the client have ended, and it has received everything. */
    ENDED,
    /** The subscriber's token has expired, or the key that it was checked with is gone. */
    EXPIRED,
    /** An operator has ended the stream. The client may come back. */
    OPERATOR,
    /** The hub is closing. */
    SHUTDOWN;
}
