package dev.ssehub.config;

/** The hub cannot start, for a reason that the operator can remove. The message is one sentence. */
public final class StartupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }
}
