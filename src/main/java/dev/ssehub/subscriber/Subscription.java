package dev.ssehub.subscriber;

import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Update;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.topic.UriTemplate;

/**
 * What a subscriber asks for.
 *
 * @param selectors the topics that it wants
 * @param permission what it may have beyond what is for everyone, and for how long
 * @param lastEventId the id of the last event that it has, and then it gets what came after; {@link Update#EARLIEST} for all that
 *     is held; {@code null} for what comes from now on
 * @param live whether it goes on with what is published from now on; otherwise it ends when it has had what was held when it
 *     began
 * @param explained whether each event says its topics, and which of the selectors have selected it
 */
public record Subscription(List<TopicSelector> selectors, Permission permission, @Nullable String lastEventId, boolean live,
        boolean explained) {

    /** A subscription may have so many selectors. */
    public static final int MAX_SELECTORS = 500;
    /** They may have so many variables in all. */
    public static final int MAX_VARIABLES = UriTemplate.MAX_VARIABLES;

    /** @throws LimitExceededException if it has too many selectors, or they have more variables than {@link #MAX_VARIABLES} */
    public Subscription {
        selectors = List.copyOf(selectors);
        if (selectors.size() > MAX_SELECTORS) {
            throw new LimitExceededException(Limit.TOPICS,
                    "a subscription may have " + MAX_SELECTORS + " topics, this one has " + selectors.size());
        }
        int variables = selectors.stream().mapToInt(TopicSelector::variables).sum();
        if (variables > MAX_VARIABLES) {
            throw new LimitExceededException(Limit.TOPICS, "the templates of a subscription may have " + MAX_VARIABLES
                    + " variables in all, these have " + variables);
        }
    }

    /** With a permission that does not end. */
    public Subscription(List<TopicSelector> selectors, List<TopicSelector> seePrivate, @Nullable String lastEventId, boolean live,
            boolean explained) {
        this(selectors, new Permission(seePrivate, null), lastEventId, live, explained);
    }

    /** Live, and without explanation. */
    public Subscription(List<TopicSelector> selectors, List<TopicSelector> seePrivate, @Nullable String lastEventId) {
        this(selectors, seePrivate, lastEventId, true, false);
    }

    /** Of what is for everyone, from now on. */
    public Subscription(List<TopicSelector> selectors) {
        this(selectors, List.of(), null);
    }
}
