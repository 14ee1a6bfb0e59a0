package dev.ssehub.auth;

/** Says that a token is not accepted. The message is a sentence for the client that shows neither the token nor a key. */
public final class InvalidTokenException extends Exception {
    private static final long serialVersionUID = 1;

    public InvalidTokenException(String sentence) {
        super(sentence);
    }

    public InvalidTokenException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
