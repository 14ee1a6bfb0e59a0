package dev.ssehub.hub;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TemplateIndex;
import dev.ssehub.topic.TimeSlice;
import dev.ssehub.topic.Topic;
import dev.ssehub.topic.UriTemplate;

/**
 * Who subscribes to what. Subscribers of exact topics are found by topic, those of templates by what the topic has of them; each
 * template is tried once, however many have it. Changes come one at a time (the hub's lock), reads from any thread.
 */
final class SubscriberRegistry {

    // Templates are tried before the hub's lock is taken (match); under it, only those that have come meanwhile are (forEach).
    // Keys are strings, which are comparable: maps find them soon even if all hashes are the same.

    private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
    private final Set<Subscriber> ofAnyTopic = ConcurrentHashMap.newKeySet();
    /** Used with the hub's lock held, and so is the next one. Most topics have one subscriber, and are many: it stands alone there. */
    private final Map<String, Set<Subscriber>> byTopic = new HashMap<>();
    /** In the order in which they came. */
    private final SequencedMap<String, Group> byTemplate = new LinkedHashMap<>();
    private final TemplateIndex<Group> index = new TemplateIndex<>();
    private volatile long templatesSeen;

    /**
     * The subscribers of one template.
     *
     * @param number the how many-th template it is
     */
    private record Group(UriTemplate template, long number, Set<Subscriber> subscribers) {

        boolean matchesAny(List<Topic> topics) {
            return topics.stream().anyMatch(template::matches);
        }
    }

    /**
     * The groups that select any of the topics, among those that there were at the time.
     *
     * @param tried how many parts of templates were tried for that, or looked up
     */
    record Matching(List<String> topics, List<Topic> normal, Collection<Group> groups, long templatesSeen, int tried) {}

    void add(Subscriber subscriber) {
        all.add(subscriber);
        SelectorSet selectors = subscriber.selectors();
        if (selectors.any()) {
            ofAnyTopic.add(subscriber);
        }
        for (String topic : selectors.exact()) {
            byTopic.merge(topic, Set.of(subscriber), (there, _) -> with(there, subscriber));
        }
        for (UriTemplate template : selectors.templates()) {
            byTemplate.computeIfAbsent(template.text(), _ -> newGroup(template)).subscribers().add(subscriber);
        }
    }

    private Group newGroup(UriTemplate template) {
        Group group = new Group(template, templatesSeen + 1, ConcurrentHashMap.newKeySet(1));
        index.put(template, group);
        templatesSeen = group.number(); // only now: whoever reads it finds the group
        return group;
    }

    /** Does nothing for one that is not there. */
    boolean remove(Subscriber subscriber) {
        boolean wasThere = all.remove(subscriber);
        ofAnyTopic.remove(subscriber);
        for (String topic : subscriber.selectors().exact()) {
            byTopic.computeIfPresent(topic, (_, there) -> without(there, subscriber));
        }
        for (UriTemplate template : subscriber.selectors().templates()) {
            Group group = byTemplate.get(template.text());
            if (group != null && group.subscribers().remove(subscriber) && group.subscribers().isEmpty()) {
                byTemplate.remove(template.text());
                index.remove(template);
            }
        }
        return wasThere;
    }

    private static Set<Subscriber> with(Set<Subscriber> there, Subscriber subscriber) {
        Set<Subscriber> several = there instanceof HashSet ? there : new HashSet<>(there);
        several.add(subscriber);
        return several;
    }

    private static @Nullable Set<Subscriber> without(Set<Subscriber> there, Subscriber subscriber) {
        if (there instanceof HashSet) {
            there.remove(subscriber);
            return there.isEmpty() ? null : there;
        }
        return there.contains(subscriber) ? null : there;
    }

    /** Tries what must be tried. */
    Matching match(List<String> topics) {
        long seen = templatesSeen;
        List<Topic> normal = topics.stream().map(Topic::new).toList();
        Map<String, Group> found = new HashMap<>();
        TimeSlice turn = new TimeSlice();
        int tried = 0;
        for (Topic topic : normal) {
            tried += index.find(topic, found, turn);
        }
        found.values().removeIf(group -> group.number() > seen);
        return new Matching(topics, normal, found.values(), seen, tried);
    }

    /**
     * Hands over every subscriber that selects any of the topics; some more than once, where several selectors do. Called with the
     * hub's lock held.
     */
    void forEach(Matching matching, Consumer<Subscriber> action) {
        ofAnyTopic.forEach(action);
        for (String topic : matching.topics()) {
            byTopic.getOrDefault(topic, Set.of()).forEach(action);
            Group namesake = byTemplate.get(topic);
            if (namesake != null) {
                namesake.subscribers().forEach(action);
            }
        }
        for (Group group : matching.groups()) {
            group.subscribers().forEach(action);
        }
        for (Group group : byTemplate.reversed().values()) {
            if (group.number() <= matching.templatesSeen()) {
                break;
            }
            if (group.matchesAny(matching.normal())) {
                group.subscribers().forEach(action);
            }
        }
    }

    Collection<Subscriber> all() {
        return all;
    }

    /** Whether nothing is left of anyone. */
    boolean isEmpty() {
        return all.isEmpty() && ofAnyTopic.isEmpty() && byTopic.isEmpty() && byTemplate.isEmpty() && index.isEmpty();
    }
}
