package dev.ssehub.hub;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a subscriber asks for.
 *
 * @param selectors
 *            the topics that it wants
 * @param granted
 *            the topics of which it may have private updates
 * @param lastEventId
 *            the id of the last event that it has, and then it gets what came after; {@link Update#EARLIEST} for all that is
 *            held; {@code null} for what comes from now on
 */
public record Subscription(List<TopicSelector> selectors, List<TopicSelector> granted, @Nullable String lastEventId) {

    /** Of what is for everyone, from now on. */
    public Subscription(List<TopicSelector> selectors) {
        this(selectors, List.of(), null);
    }
}
