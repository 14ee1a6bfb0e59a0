package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the history. With 0 events, nothing is kept. An event counts in each of its topics.
 *
 * @param maxEvents the most events of all topics that have no budget of their own
 * @param maxAge the greatest age of an event, unless the rule of its topic has another
 * @param maxBytes the most bytes of frames and topics of these events
 * @param rules the limits of some topics; the first rule that matches a topic counts
 */
public record Limits(int maxEvents, Duration maxAge, long maxBytes, List<TopicRule> rules) {
    /** Creates limits without rules. */
    public Limits(int maxEvents, Duration maxAge, long maxBytes) {
        this(maxEvents, maxAge, maxBytes, List.of());
    }

    /**
     * The limits of the topics that a selector matches.
     *
     * @param match selects the topics
     * @param maxEvents the most events of one topic; 0 to keep nothing
     * @param maxAge the greatest age of an event
     * @param maxBytes the budget of all topics of the rule together, in bytes; {@code null} if they share the budget of the history
     */
    public record TopicRule(TopicSelector match, int maxEvents, Duration maxAge, @Nullable Long maxBytes) {}
}
