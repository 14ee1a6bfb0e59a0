package dev.ssehub.tracing;

import module java.base;
import org.jspecify.annotations.Nullable;

/** What the span of a publish says. Not thread-safe: the publisher waits while the history's thread calls. */
public final class PublishSpan {
    private @Nullable String topic;
    private int subscribers;
    private OptionalInt refusal = OptionalInt.empty();
    private boolean isBrokenOff;

    /** Names the topic. Not called for a private update: other people read traces. */
    public void topic(String canonical) {
        topic = canonical;
    }

    /** Adds the number of subscribers that an event matches. */
    public void subscribers(int matched) {
        subscribers += matched;
    }

    /** Takes the status with which the request is refused. */
    public void refused(int status) {
        refusal = OptionalInt.of(status);
    }

    /** Records that the client has left before the end of its request, or has sent one that cannot be read. */
    public void brokenOff() {
        isBrokenOff = true;
    }

    Optional<String> topic() {
        return Optional.ofNullable(topic);
    }

    int subscribers() {
        return subscribers;
    }

    OptionalInt refusal() {
        return refusal;
    }

    boolean isBrokenOff() {
        return isBrokenOff;
    }
}
