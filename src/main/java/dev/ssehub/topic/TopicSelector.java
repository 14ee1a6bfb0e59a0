package dev.ssehub.topic;

import dev.ssehub.event.Update;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;

/**
 * Says which topics a subscriber wants, or a client may use: {@code *} is all, a URI template those that it can be expanded
 * to, and any other text the topic of exactly this name (Mercure, "Topic Selectors").
 */
public sealed interface TopicSelector permits TopicSelector.Any, TopicSelector.Exact, UriTemplate {

    /** A longer one is refused. */
    int MAX_LENGTH = 1024;

    /** Whether it selects this topic. A selector selects its own text, too, so that one can be compared with another. */
    boolean matches(String topic);

    /** The selector as it was written. */
    String text();

    /** How many variables it has; each costs something wherever it is tried. */
    int variables();

    /**
     * Reads a selector as it is written in a query or in the configuration. What has braces but is no URI template is an
     * exact name.
     *
     * @throws IllegalArgumentException if the text is empty, too long, has control characters, or is a template of too many
     *     variables
     */
    static TopicSelector parse(String text) {
        Update.requireName("topic", text);
        if (text.length() > MAX_LENGTH) {
            throw new LimitExceededException(Limit.NAME_LENGTH,
                    "a topic may have " + MAX_LENGTH + " characters, this one has " + text.length());
        }
        if (text.equals("*")) {
            return new Any();
        }
        UriTemplate template = UriTemplate.parse(text);
        return template == null ? new Exact(text) : template;
    }

    /** Every topic. */
    record Any() implements TopicSelector {
        @Override
        public boolean matches(String topic) {
            return true;
        }

        @Override
        public String text() {
            return "*";
        }

        @Override
        public int variables() {
            return 0;
        }
    }

    /** One topic. */
    record Exact(String text) implements TopicSelector {
        @Override
        public boolean matches(String topic) {
            return text.equals(topic);
        }

        @Override
        public int variables() {
            return 0;
        }
    }
}
