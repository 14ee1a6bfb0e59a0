package dev.ssehub.auth;

/** A token that is not accepted. The message is a sentence for whoever sent it: it names neither the token nor a key. */
public final class InvalidTokenException extends Exception {

    private static final long serialVersionUID = 1;

    /** @param sentence says why */
    public InvalidTokenException(String sentence) {
        super(sentence);
    }

    /**
     * @param sentence says why
     * @param cause for the log
     */
    public InvalidTokenException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
