package dev.ssehub.hub;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who subscribes to what. Subscribers of exact topics are found by topic; each other selector is tried once, however many have
 * it. Changes come one at a time (the hub's lock), reads from any thread.
 */
final class SubscriberRegistry {

    // Selectors that must be tried are tried before the hub's lock is taken (match); under it, only those that have come
    // meanwhile are (forEach). Keys are strings, which are comparable: maps find them soon even if all hashes are the same.

    private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<Subscriber>> byTopic = new ConcurrentHashMap<>();
    private final Map<String, Group> byPattern = new ConcurrentHashMap<>();
    private volatile long patternsSeen;

    /**
     * The subscribers of one selector.
     *
     * @param number
     *            the how many-th selector that had to be tried it is
     */
    private record Group(TopicSelector selector, long number, Set<Subscriber> subscribers) {

        boolean matchesAny(List<String> topics) {
            return topics.stream().anyMatch(selector::matches);
        }
    }

    /** The groups that select any of the topics, among those that there were at the time. */
    record Matching(List<String> topics, Collection<Group> groups, long patternsSeen) {}

    void add(Subscriber subscriber) {
        all.add(subscriber);
        for (String topic : subscriber.selectors().exact()) {
            byTopic.computeIfAbsent(topic, _ -> ConcurrentHashMap.newKeySet(1)).add(subscriber);
        }
        for (TopicSelector selector : subscriber.selectors().others()) {
            Group group = byPattern.computeIfAbsent(selector.text(),
                    _ -> new Group(selector, patternsSeen + 1, ConcurrentHashMap.newKeySet(1)));
            group.subscribers().add(subscriber);
            patternsSeen = Math.max(patternsSeen, group.number());
        }
    }

    /** Does nothing for one that is not there. */
    void remove(Subscriber subscriber) {
        all.remove(subscriber);
        for (String topic : subscriber.selectors().exact()) {
            byTopic.computeIfPresent(topic, (_, subscribers) -> {
                subscribers.remove(subscriber);
                return subscribers.isEmpty() ? null : subscribers;
            });
        }
        for (TopicSelector selector : subscriber.selectors().others()) {
            byPattern.computeIfPresent(selector.text(), (_, group) -> {
                group.subscribers().remove(subscriber);
                return group.subscribers().isEmpty() ? null : group;
            });
        }
    }

    /** Tries what must be tried. */
    Matching match(List<String> topics) {
        long seen = patternsSeen;
        List<Group> groups = new ArrayList<>();
        Turn turn = new Turn();
        for (Group group : byPattern.values()) {
            if (group.number() <= seen && group.matchesAny(topics)) {
                groups.add(group);
            }
            turn.passes();
        }
        return new Matching(topics, groups, seen);
    }

    /**
     * Hands over every subscriber that selects any of the topics; some more than once, where several selectors do. Called with the
     * hub's lock held.
     */
    void forEach(Matching matching, Consumer<Subscriber> action) {
        for (String topic : matching.topics()) {
            byTopic.getOrDefault(topic, Set.of()).forEach(action);
        }
        for (Group group : matching.groups()) {
            group.subscribers().forEach(action);
        }
        if (patternsSeen > matching.patternsSeen()) {
            for (Group group : byPattern.values()) {
                if (group.number() > matching.patternsSeen() && group.matchesAny(matching.topics())) {
                    group.subscribers().forEach(action);
                }
            }
        }
    }

    Collection<Subscriber> all() {
        return all;
    }
}
