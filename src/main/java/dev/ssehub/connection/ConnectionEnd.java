package dev.ssehub.connection;

/** Why a connection serves no more requests. */
public enum ConnectionEnd {
    /** Its client has left, or was told to; or it is a stream now. */
    WELL,
    /** Its client kept a request waiting. */
    LATE,
    /** Its client had waited longest, and there were hardly any connections left for others. */
    GAVE_WAY,
    /** There was no memory for the headers of a request. */
    NO_ROOM
}
