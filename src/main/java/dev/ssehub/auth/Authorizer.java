package dev.ssehub.auth;

/** Says what a client may do. There are no tokens yet, so all clients are anonymous, and may do the same. */
public final class Authorizer {

    private final Grant anonymous;

    /** @param anonymous
     *            what everyone may do */
    public Authorizer(Grant anonymous) {
        this.anonymous = anonymous;
    }

    /** The grant of a client without a token. */
    public Grant anonymous() {
        return anonymous;
    }
}
