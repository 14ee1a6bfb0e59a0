package dev.ssehub.http;

import io.helidon.http.Status;

/** A request that is not fulfilled, and the sentence that says why to whoever made it. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Status status;

    Refusal(Status status, String sentence) {
        super(sentence);
        this.status = status;
    }

    /** Because of an exception whose message says it all. */
    Refusal(Status status, IllegalArgumentException cause) {
        super(cause.getMessage(), cause);
        this.status = status;
    }

    Status status() {
        return status;
    }
}
