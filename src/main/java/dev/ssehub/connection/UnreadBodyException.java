package dev.ssehub.connection;

import io.helidon.webserver.CloseConnectionException;

/** Closes a connection after an answer, although the client may still send the body of the request. */
public final class UnreadBodyException extends CloseConnectionException {
    private static final long serialVersionUID = 1;

    public UnreadBodyException(String message) {
        super(message);
    }
}
