package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the topics that a selector matches.
 *
 * @param match selects the topics
 * @param maxEvents the most events of one topic; 0 to keep nothing
 * @param maxAge the greatest age of an event
 * @param maxBytes the budget of all topics of the rule together, in bytes; {@code null} if they share the budget of the history
 */
public record TopicRule(TopicSelector match, int maxEvents, Duration maxAge, @Nullable Long maxBytes) {}
