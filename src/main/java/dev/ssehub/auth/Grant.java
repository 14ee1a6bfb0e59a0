package dev.ssehub.auth;

import java.util.List;

import dev.ssehub.hub.TopicSelector;

/**
 * What a client may do (Mercure, "Authorization").
 *
 * @param publish
 *            the topics to which it may publish
 * @param subscribe
 *            the topics of which it may have private updates
 */
public record Grant(List<TopicSelector> publish, List<TopicSelector> subscribe) {

    public Grant {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    /** Whether it may publish to this topic; it must be so for each that an update has. */
    public boolean mayPublish(String topic) {
        return covers(publish, topic);
    }

    /** Whether it may see what is private to this topic. */
    public boolean maySee(String topic) {
        return covers(subscribe, topic);
    }

    private static boolean covers(List<TopicSelector> selectors, String topic) {
        return selectors.stream().anyMatch(selector -> selector.matches(topic));
    }
}
