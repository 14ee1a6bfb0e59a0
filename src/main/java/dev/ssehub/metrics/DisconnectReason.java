package dev.ssehub.metrics;

/** Why a subscriber is no longer one. The first reason stays. */
public enum DisconnectReason {
    /** The client closed the connection, or it broke. */
    CLIENT_GONE,
    /** It has taken, or acknowledged, nothing for the write timeout. */
    TOO_SLOW,
    /** It wanted what the hub held, and no more. */
    CAUGHT_UP,
    /** Its permission, a token for instance, is over. */
    EXPIRED,
    /** The hub stops. */
    SHUTDOWN
}
