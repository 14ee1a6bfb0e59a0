package dev.ssehub.connection;

import module java.base;

/**
 * The body of a request is not encoded as HTTP demands. Nobody knows where the next request begins, so the connection must be closed.
 * Code that reads a body treats it like any other failure of the connection, unless it wants to answer.
 */
public final class MalformedBodyException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    private final String sentence;

    /** @param sentence tells the client what is wrong */
    MalformedBodyException(String sentence) {
        super(new ProtocolException(sentence));
        this.sentence = sentence;
    }

    /** Returns the sentence that tells the client what is wrong. */
    public String sentence() {
        return sentence;
    }
}
