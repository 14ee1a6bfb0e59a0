package dev.ssehub.hub;

/** The hub takes nothing more: it stops. */
public final class HubClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    public HubClosedException() {
        super("the hub is closed");
    }
}
