package dev.ssehub.relay;

import module java.base;

/** Thrown when a server asks the relay to come back later. */
final class BusyException extends IOException {
    private static final long serialVersionUID = 1;

    private final Duration pause;

    /** @param pause how long the server wants to be left alone */
    BusyException(String message, Duration pause) {
        super(message);
        this.pause = pause;
    }

    Duration pause() {
        return pause;
    }
}
