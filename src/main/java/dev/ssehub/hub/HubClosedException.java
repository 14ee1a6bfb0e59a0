package dev.ssehub.hub;

/** Thrown when something is published to a hub that is closed. */
public final class HubClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    /** Creates the exception. */
    public HubClosedException() {
        super("the hub is closed");
    }
}
