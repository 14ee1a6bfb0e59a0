package dev.ssehub.metrics;

/** Thrown when a client asks for more than a limit allows. The message names the limit and its value. */
public final class LimitExceededException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final Limit limit;

    /** Creates the exception; the message says what was requested and how much is allowed. */
    public LimitExceededException(Limit limit, String message) {
        super(message);
        this.limit = limit;
    }

    public Limit limit() {
        return limit;
    }
}
