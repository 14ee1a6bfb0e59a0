package dev.ssehub.relay;

import module java.base;

/** Thrown when a server does not give the relay its event stream, and soon trying again is of no use. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean isFinal;

    /** @param isFinal whether the server asks its clients not to connect again (WHATWG HTML 9.2.3) */
    RefusedException(String message, boolean isFinal) {
        super(message);
        this.isFinal = isFinal;
    }

    boolean isFinal() {
        return isFinal;
    }
}
