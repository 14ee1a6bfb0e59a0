package dev.ssehub.metrics;

/** Thrown when a client asks for more than a limit allows. The message names the limit and its value. */
public final class LimitExceededException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final Limit limit;

    /** Creates the exception, with a sentence that says what was asked for and how much is allowed. */
    public LimitExceededException(Limit limit, String sentence) {
        super(sentence);
        this.limit = limit;
    }

    /** Returns the limit. */
    public Limit limit() {
        return limit;
    }
}
