package dev.ssehub.topic;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;

/**
 * Selects topics: {@code *} selects all of them, a URI template those to which it can be expanded, and any other text the topic of
 * exactly this name (Mercure, "Topic Selectors").
 */
public sealed interface TopicSelector permits TopicSelector.Any, TopicSelector.Exact, UriTemplate {

    /** The greatest length of a selector, in characters. */
    int MAX_LENGTH = 1024;

    /** Returns whether it selects this topic. A selector also selects its own text, so that a grant can cover a selector. */
    boolean matches(String topic);

    /** Returns the selector as it was written. */
    String text();

    /** Returns the number of its variables. Each of them makes matching more expensive. */
    int variables();

    /**
     * Parses a selector. A text with braces that is not a URI template is an exact name.
     *
     * @throws IllegalArgumentException if the text is empty or too long, contains control characters, or is a template with too many
     *     variables
     */
    static TopicSelector parse(String text) {
        Names.require("topic", text);
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

    /** Selects every topic. */
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

    /** Selects one topic. */
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
