package dev.ssehub.history;

import org.jspecify.annotations.Nullable;

/** Thrown when the history cannot take or read events now, but will try again. The message says why. */
public final class HistoryUnavailableException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** @param message a sentence for the client, without a full stop and without paths of the hub */
    public HistoryUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** @param message a sentence for the client, without a full stop and without paths of the hub */
    public HistoryUnavailableException(String message) {
        super(message);
    }
}
