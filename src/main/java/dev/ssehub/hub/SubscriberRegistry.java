package dev.ssehub.hub;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who subscribes to what. Subscribers of exact topics are found by topic; only those with any other selector are tested one
 * by one. Changes come one at a time (the hub's lock), reads from any thread.
 */
final class SubscriberRegistry {

    private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<Subscriber>> byTopic = new ConcurrentHashMap<>();
    private final Set<Subscriber> tested = ConcurrentHashMap.newKeySet();

    void add(Subscriber subscriber) {
        all.add(subscriber);
        List<String> topics = exactTopics(subscriber);
        if (topics.isEmpty()) {
            tested.add(subscriber);
        }
        for (String topic : topics) {
            byTopic.computeIfAbsent(topic, _ -> ConcurrentHashMap.newKeySet(1)).add(subscriber);
        }
    }

    /** Does nothing for one that is not there. */
    void remove(Subscriber subscriber) {
        all.remove(subscriber);
        tested.remove(subscriber);
        for (String topic : exactTopics(subscriber)) {
            byTopic.computeIfPresent(topic, (_, subscribers) -> {
                subscribers.remove(subscriber);
                return subscribers.isEmpty() ? null : subscribers;
            });
        }
    }

    /** Hands over every subscriber that wants any of the topics; one that wants several of them, as many times. */
    void forEachMatching(List<String> topics, Consumer<Subscriber> action) {
        for (String topic : topics) {
            byTopic.getOrDefault(topic, Set.of()).forEach(action);
        }
        for (Subscriber subscriber : tested) {
            if (TopicSelector.anyMatch(subscriber.selectors(), topics)) {
                action.accept(subscriber);
            }
        }
    }

    Collection<Subscriber> all() {
        return all;
    }

    /** The topics of a subscriber that has only exact selectors; otherwise empty. */
    private static List<String> exactTopics(Subscriber subscriber) {
        List<String> topics = subscriber.selectors().stream().filter(TopicSelector.Exact.class::isInstance)
                .map(selector -> ((TopicSelector.Exact) selector).topic()).distinct().toList();
        boolean others = subscriber.selectors().stream().anyMatch(selector -> !(selector instanceof TopicSelector.Exact));
        return others ? List.of() : topics;
    }
}
