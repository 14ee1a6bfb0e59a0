package dev.ssehub.auth;

/** Says that the keys to check tokens with are not available at this moment. The message is a sentence for the client. */
public final class KeysUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    public KeysUnavailableException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
