package dev.ssehub.hub;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a publisher hands in: the topics that it concerns (the first is the canonical one), the text, and the event type
 * that a browser dispatches it as ({@code null}: {@code message}). It becomes an {@link Event} when it has been given an
 * id and a place in the order of all events.
 */
public record Update(List<String> topics, String data, @Nullable String type) {

    /**
     * @throws IllegalArgumentException
     *             if there is no topic or an empty one, or if the type could not be told from the rest of the stream
     */
    public Update {
        topics = List.copyOf(topics);
        if (topics.isEmpty() || topics.contains("")) {
            throw new IllegalArgumentException("an update needs at least one topic, and none may be empty");
        }
        if (type != null) {
            EventEncoder.requireOneLine("type", type);
        }
    }

    /** An update of one topic without a type of its own. */
    public Update(String topic, String data) {
        this(List.of(topic), data, null);
    }
}
