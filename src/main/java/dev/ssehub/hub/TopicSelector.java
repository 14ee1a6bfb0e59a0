package dev.ssehub.hub;

import java.util.List;

/** Says which topics a subscriber wants. */
public sealed interface TopicSelector {

    /** Whether events of this topic are wanted. */
    boolean matches(String topic);

    /**
     * Reads a selector as it is written in a query or in the configuration: {@code *} is every topic, anything else the
     * topic of exactly this name.
     *
     * @throws IllegalArgumentException
     *             if the text is empty
     */
    static TopicSelector parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a topic must not be empty");
        }
        return text.equals("*") ? new Any() : new Exact(text);
    }

    /** Whether any of the selectors wants any of the topics. */
    static boolean anyMatch(List<TopicSelector> selectors, List<String> topics) {
        for (TopicSelector selector : selectors) {
            for (String topic : topics) {
                if (selector.matches(topic)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Every topic. */
    record Any() implements TopicSelector {
        @Override
        public boolean matches(String topic) {
            return true;
        }
    }

    /** One topic. */
    record Exact(String topic) implements TopicSelector {
        @Override
        public boolean matches(String other) {
            return topic.equals(other);
        }
    }
}
