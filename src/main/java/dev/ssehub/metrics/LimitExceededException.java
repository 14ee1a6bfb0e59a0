package dev.ssehub.metrics;

/** A client wants more than it may have. The message says what, and how much is allowed. */
public final class LimitExceededException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final Limit limit;

    /** Of one that it wants more of than there is. */
    public LimitExceededException(Limit limit, String sentence) {
        super(sentence);
        this.limit = limit;
    }

    /** What there is no more of. */
    public Limit limit() {
        return limit;
    }
}
