package dev.ssehub.metrics;

/** Why a stream has ended. If there are several reasons, the first one counts. */
public enum DisconnectReason {
    /** The client closed the connection, or the connection broke. */
    CLIENT_GONE,
    /** The client took or acknowledged nothing for the write timeout. */
    TOO_SLOW,
    /** The client asked only for what was held, and has received it. */
    CAUGHT_UP,
    /** The subscriber's permission, for instance its token, has expired. */
    EXPIRED,
    /** The hub stops. */
    SHUTDOWN
}
