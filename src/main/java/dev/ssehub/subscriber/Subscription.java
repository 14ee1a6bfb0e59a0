package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.topic.UriTemplate;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber asks for.
 *
 * @param selectors select the topics
 * @param permission which private events the subscriber receives, and when its stream ends
 * @param lastEventId the id of the last event that the client has; {@link Update#EARLIEST} to start with the oldest event of the
 *     history; {@code null} to start with the next event
 * @param live whether the stream continues with new events; if not, it ends with the last event that the history had at the start
 * @param annotated whether each event contains its checkpoint, its topics, and the selectors that match it
 * @param checkpoints whether the client understands blocks that have an id and no data, and so can resume before its first event
 * @param last the number of the newest events of the history with which to start if there is no last event id
 * @param client who asks
 */
public record Subscription(List<TopicSelector> selectors, Permission permission, @Nullable String lastEventId, boolean live,
        boolean annotated, boolean checkpoints, int last, Opening.Client client) {
    /** The maximum number of selectors. */
    public static final int MAX_SELECTORS = 500;
    /** The maximum number of variables in all selectors together. */
    public static final int MAX_VARIABLES = UriTemplate.MAX_VARIABLES;

    /** Throws a {@link LimitExceededException} if there are too many selectors, or too many variables in their templates. */
    public Subscription {
        selectors = List.copyOf(selectors);
        if (selectors.size() > MAX_SELECTORS) {
            throw new LimitExceededException(Limit.TOPICS,
                    "a subscription may have at most " + MAX_SELECTORS + " topics, this one has " + selectors.size());
        }
        int variables = selectors.stream().mapToInt(TopicSelector::variables).sum();
        if (variables > MAX_VARIABLES) {
            throw new LimitExceededException(Limit.TOPICS, "the templates of a subscription may have at most " + MAX_VARIABLES
                    + " variables in all, these have " + variables);
        }
    }

    /** Creates a subscription of an unknown client that does not start with the newest events of the history. */
    public Subscription(List<TopicSelector> selectors, Permission permission, @Nullable String lastEventId, boolean live,
            boolean annotated, boolean checkpoints) {
        this(selectors, permission, lastEventId, live, annotated, checkpoints, 0, Opening.Client.UNKNOWN);
    }

    /** Creates a live subscription to public events that starts with the next event. */
    public Subscription(List<TopicSelector> selectors) {
        this(selectors, new Permission(List.of(), null), null, true, false, false);
    }
}
