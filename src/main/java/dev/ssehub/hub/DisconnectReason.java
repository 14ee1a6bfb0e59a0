package dev.ssehub.hub;

/** Why a subscriber is no longer one. The first reason stays. */
public enum DisconnectReason {
    /** The client closed the connection, or it broke. */
    CLIENT_GONE,
    /** One write has not moved for the write timeout. */
    TOO_SLOW,
    /** The hub stops. */
    SHUTDOWN
}
