package dev.ssehub.auth;

import module java.base;
import dev.ssehub.topic.TopicSelector;

/**
 * What the operator or a token allows (Mercure, "Authorization").
 *
 * @param publish the topics that may be published to
 * @param subscribe the topics that may be subscribed to; this includes their public updates
 * @param seePrivate the topics whose private updates may be seen
 * @param operate whether the streams of all clients may be seen and ended
 */
public record Grant(List<TopicSelector> publish, List<TopicSelector> subscribe, List<TopicSelector> seePrivate,
        boolean operate) {
    /** Allows nothing. */
    public static final Grant NONE = new Grant(List.of(), List.of(), List.of());

    public Grant {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
        seePrivate = List.copyOf(seePrivate);
    }

    /** Creates a grant that does not allow to operate the hub. */
    public Grant(List<TopicSelector> publish, List<TopicSelector> subscribe, List<TopicSelector> seePrivate) {
        this(publish, subscribe, seePrivate, false);
    }

    /** Returns whether this topic may be published to. An update needs this for each of its topics. */
    public boolean mayPublish(String topic) {
        return covers(publish, topic);
    }

    /**
     * Returns whether a selector may be subscribed to. A topic must be granted or match a granted template, a template must be
     * granted in the same spelling, and {@code *} grants everything.
     */
    public boolean maySubscribe(TopicSelector selector) {
        return selector instanceof TopicSelector.Exact(String topic)
                ? covers(subscribe, topic)
                : subscribe.contains(selector) || subscribe.contains(new TopicSelector.Any());
    }

    /** Returns whether the private updates of this topic may be seen. */
    public boolean maySee(String topic) {
        return covers(seePrivate, topic);
    }

    /** Returns what this grant and the other one allow together. */
    public Grant union(Grant other) {
        return new Grant(union(publish, other.publish), union(subscribe, other.subscribe), union(seePrivate, other.seePrivate),
                operate || other.operate);
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
