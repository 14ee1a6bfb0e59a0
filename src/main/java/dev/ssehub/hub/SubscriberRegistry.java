package dev.ssehub.hub;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who subscribes to what. Subscribers of exact topics are found by topic; each other selector is tested once, however many
 * have it. Changes come one at a time (the hub's lock), reads from any thread.
 */
final class SubscriberRegistry {

    private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
    private final Map<TopicSelector, Set<Subscriber>> byTopic = new ConcurrentHashMap<>();
    private final Map<TopicSelector, Set<Subscriber>> byPattern = new ConcurrentHashMap<>();

    void add(Subscriber subscriber) {
        all.add(subscriber);
        subscriber.selectors().exact().forEach(selector -> add(byTopic, selector, subscriber));
        subscriber.selectors().others().forEach(selector -> add(byPattern, selector, subscriber));
    }

    /** Does nothing for one that is not there. */
    void remove(Subscriber subscriber) {
        all.remove(subscriber);
        subscriber.selectors().exact().forEach(selector -> remove(byTopic, selector, subscriber));
        subscriber.selectors().others().forEach(selector -> remove(byPattern, selector, subscriber));
    }

    /** Hands over every subscriber that selects any of the topics; some more than once, where several selectors do. */
    void forEachMatching(List<String> topics, Consumer<Subscriber> action) {
        for (String topic : topics) {
            byTopic.getOrDefault(new TopicSelector.Exact(topic), Set.of()).forEach(action);
            byPattern.forEach((selector, subscribers) -> {
                if (selector.matches(topic)) {
                    subscribers.forEach(action);
                }
            });
        }
    }

    Collection<Subscriber> all() {
        return all;
    }

    private static void add(Map<TopicSelector, Set<Subscriber>> index, TopicSelector selector, Subscriber subscriber) {
        index.computeIfAbsent(selector, _ -> ConcurrentHashMap.newKeySet(1)).add(subscriber);
    }

    private static void remove(Map<TopicSelector, Set<Subscriber>> index, TopicSelector selector, Subscriber subscriber) {
        index.computeIfPresent(selector, (_, subscribers) -> {
            subscribers.remove(subscriber);
            return subscribers.isEmpty() ? null : subscribers;
        });
    }
}
