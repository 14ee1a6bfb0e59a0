package dev.ssehub.cluster;

import org.jspecify.annotations.Nullable;

/** Thrown when this node cannot reach the other nodes now, but will try again. The message says why. */
public final class ClusterUnavailableException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /** @param message a sentence for the client, without a full stop and without addresses */
    public ClusterUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
