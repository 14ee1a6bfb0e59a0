package dev.ssehub.auth;

/** The keys to check tokens with cannot be fetched at this moment. The message is a sentence for whoever sent a token. */
public final class KeysUnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    /** @param sentence says why */
    public KeysUnavailableException(String sentence) {
        super(sentence);
    }

    /**
     * @param sentence says why
     * @param cause for the log
     */
    public KeysUnavailableException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
