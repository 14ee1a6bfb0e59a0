package dev.ssehub.topic;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;

/**
 * Selects topics. {@code *} selects every topic. A URI template selects the topics to which it can be expanded. Any other text
 * selects the topic with exactly this name (Mercure, "Topic Selectors").
 */
public sealed interface TopicSelector permits TopicSelector.Any, TopicSelector.Exact, UriTemplate {
    /** The maximum length of a selector, in characters. */
    int MAX_LENGTH = 1024;

    /** Returns whether the selector selects a topic. Every selector selects its own text, so a grant can cover a selector. */
    boolean matches(String topic);

    /** Returns the selector as it was written. */
    String text();

    /** Returns the number of variables. Each variable makes matching slower. */
    default int variables() {
        return 0;
    }

    /**
     * Parses a selector. A text with braces that is not a valid URI template is an exact name.
     *
     * @throws IllegalArgumentException if the text is empty or too long, contains control characters, or is a template with too
     *     many variables
     */
    static TopicSelector parse(String text) {
        Names.require("topic", text);
        if (text.length() > MAX_LENGTH) {
            throw new LimitExceededException(Limit.NAME_LENGTH,
                    "a topic may have at most " + MAX_LENGTH + " characters, this one has " + text.length());
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
    }

    /** Selects one topic. */
    record Exact(String text) implements TopicSelector {
        @Override
        public boolean matches(String topic) {
            return text.equals(topic);
        }
    }
}
