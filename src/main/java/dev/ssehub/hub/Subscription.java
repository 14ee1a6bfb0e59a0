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

    /** A subscription may have so many selectors. */
    public static final int MAX_SELECTORS = 500;
    /** They may have so many variables in all. */
    public static final int MAX_VARIABLES = UriTemplate.MAX_VARIABLES;

    /**
     * @throws IllegalArgumentException
     *             if it has too many selectors, or they have more variables than {@link #MAX_VARIABLES}
     */
    public Subscription {
        selectors = List.copyOf(selectors);
        granted = List.copyOf(granted);
        if (selectors.size() > MAX_SELECTORS) {
            throw new IllegalArgumentException(
                    "a subscription may have " + MAX_SELECTORS + " topics, this one has " + selectors.size());
        }
        int variables = selectors.stream().mapToInt(TopicSelector::variables).sum();
        if (variables > MAX_VARIABLES) {
            throw new IllegalArgumentException("the templates of a subscription may have " + MAX_VARIABLES
                    + " variables in all, these have " + variables);
        }
    }

    /** Of what is for everyone, from now on. */
    public Subscription(List<TopicSelector> selectors) {
        this(selectors, List.of(), null);
    }
}
