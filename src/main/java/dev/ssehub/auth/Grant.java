package dev.ssehub.auth;

import java.util.List;
import java.util.stream.Stream;

import dev.ssehub.topic.TopicSelector;

/**
 * What a client may do (Mercure, "Authorization").
 *
 * @param publish the topics to which it may publish
 * @param subscribe the topics to which it may subscribe, and then has those updates of them that are for everyone
 * @param seePrivate the topics of which it may have private updates
 */
public record Grant(List<TopicSelector> publish, List<TopicSelector> subscribe, List<TopicSelector> seePrivate) {

    /** Nothing. */
    public static final Grant NONE = new Grant(List.of(), List.of(), List.of());

    public Grant {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
        seePrivate = List.copyOf(seePrivate);
    }

    /** Whether it may publish to this topic; it must be so for each that an update has. */
    public boolean mayPublish(String topic) {
        return covers(publish, topic);
    }

    /**
     * Whether it may subscribe to all that this selects: a name that is granted, or that a granted template selects; a template
     * that is granted as it is written; {@code *} grants everything.
     */
    public boolean maySubscribe(TopicSelector selector) {
        return selector instanceof TopicSelector.Exact(String topic)
                ? covers(subscribe, topic)
                : subscribe.contains(selector) || subscribe.contains(new TopicSelector.Any());
    }

    /** Whether it may see what is private to this topic. */
    public boolean maySee(String topic) {
        return covers(seePrivate, topic);
    }

    /** Returns what this grant and the other one allow together. */
    public Grant union(Grant other) {
        return new Grant(union(publish, other.publish), union(subscribe, other.subscribe), union(seePrivate, other.seePrivate));
    }

    private static List<TopicSelector> union(List<TopicSelector> some, List<TopicSelector> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }

    private static boolean covers(List<TopicSelector> selectors, String topic) {
        for (TopicSelector selector : selectors) {
            if (selector.matches(topic)) {
                return true;
            }
        }
        return false;
    }
}
