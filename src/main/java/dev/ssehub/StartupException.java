package dev.ssehub;

/** The hub cannot start, for a reason that the operator can do something about, told in one sentence. */
final class StartupException extends RuntimeException {

    private static final long serialVersionUID = 1;

    StartupException(String message) {
        super(message);
    }
}
