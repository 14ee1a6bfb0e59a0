package dev.ssehub.subscriber;

/** The result of {@link Subscriber#drain}. */
public enum Next {
    /** Nothing is left to write. {@code ready} is called when something is. */
    NOTHING,
    /** More is left to write. The caller is still the drainer and must call again. */
    MORE,
    /** The subscriber is closed, and its stream has ended. */
    END
}
