package dev.ssehub.hub;

/** Thrown when an update is published to a closed hub. */
public final class HubClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public HubClosedException() {
        super("the hub is closed");
    }
}
