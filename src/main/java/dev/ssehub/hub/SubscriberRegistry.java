package dev.ssehub.hub;

import module java.base;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TemplateIndex;
import dev.ssehub.topic.Topic;
import dev.ssehub.topic.UriTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the subscribers for the topics of an event. Exact names are looked up, and each template is tried once, even if it has
 * many subscribers. Only threads that hold the hub's lock may change the registry.
 */
final class SubscriberRegistry {
    // Trying templates is slow. So match() tries them without the hub's lock, also those that are added meanwhile. forEach(), under
    // the lock, tries only the few that were added after match() had returned. All keys are strings or numbers, which are
    // comparable, so the maps stay fast even if all hashes collide.

    private final Set<Subscriber> all = ConcurrentHashMap.newKeySet();
    private final Set<Subscriber> ofAnyTopic = ConcurrentHashMap.newKeySet();
    /** Guarded by the hub's lock. A topic with one subscriber has an immutable set, because that is smaller. */
    private final Map<String, Set<Subscriber>> byTopic = new HashMap<>();
    /** Guarded by the hub's lock. */
    private final Map<String, Group> byTemplate = new HashMap<>();
    private final NavigableMap<Long, Group> byNumber = new ConcurrentSkipListMap<>();
    private final TemplateIndex<Group> index = new TemplateIndex<>();
    private volatile long templatesAdded;

    /** The subscribers of one template. Templates are numbered in the order in which they are added. */
    private record Group(UriTemplate template, long number, Set<Subscriber> subscribers) {
        boolean matches(List<Topic> topics) {
            return topics.stream().anyMatch(template::matches);
        }
    }

    /**
     * The templates that match any of the topics.
     *
     * @param templatesAdded the number of the last template that was tried
     * @param tried the number of template parts that were tried or looked up
     */
    record Matching(List<String> topics, List<Topic> normal, Collection<Group> groups, long templatesAdded, int tried) {}

    void add(Subscriber subscriber) {
        all.add(subscriber);
        SelectorSet selectors = subscriber.selectors();
        if (selectors.any()) {
            ofAnyTopic.add(subscriber);
        }
        for (String topic : selectors.exact()) {
            byTopic.merge(topic, Set.of(subscriber), (present, _) -> with(present, subscriber));
        }
        for (UriTemplate template : selectors.templates()) {
            byTemplate.computeIfAbsent(template.text(), _ -> newGroup(template)).subscribers().add(subscriber);
        }
    }

    private Group newGroup(UriTemplate template) {
        Group group = new Group(template, templatesAdded + 1, ConcurrentHashMap.newKeySet(1));
        index.put(template, group);
        byNumber.put(group.number(), group);
        templatesAdded = group.number(); // last, so that a thread that reads the number finds the group
        return group;
    }

    /** Removes a subscriber. Returns false if it was not registered. */
    boolean remove(Subscriber subscriber) {
        ofAnyTopic.remove(subscriber);
        for (String topic : subscriber.selectors().exact()) {
            byTopic.computeIfPresent(topic, (_, present) -> without(present, subscriber));
        }
        for (UriTemplate template : subscriber.selectors().templates()) {
            Group group = byTemplate.get(template.text());
            if (group != null && group.subscribers().remove(subscriber) && group.subscribers().isEmpty()) {
                byTemplate.remove(template.text());
                byNumber.remove(group.number());
                index.remove(template);
            }
        }
        return all.remove(subscriber);
    }

    private static Set<Subscriber> with(Set<Subscriber> present, Subscriber subscriber) {
        Set<Subscriber> several = present instanceof HashSet ? present : new HashSet<>(present);
        several.add(subscriber);
        return several;
    }

    private static @Nullable Set<Subscriber> without(Set<Subscriber> present, Subscriber subscriber) {
        if (present instanceof HashSet) {
            present.remove(subscriber);
            return present.isEmpty() ? null : present;
        }
        return present.contains(subscriber) ? null : present;
    }

    /**
     * Finds the templates that match any of the topics. Slow. Any thread may call.
     *
     * @param beforeStep called before each step; it can pause, or end the search with an exception
     */
    Matching match(List<String> topics, Runnable beforeStep) {
        long added = templatesAdded;
        List<Topic> normal = new ArrayList<>(topics.size());
        for (String topic : topics) {
            normal.add(new Topic(topic));
        }
        Map<String, Group> found = new HashMap<>();
        int tried = 0;
        for (Topic topic : normal) {
            tried += index.find(topic, found, beforeStep);
        }
        long before = added;
        found.values().removeIf(group -> group.number() > before);
        for (long newest = templatesAdded; newest > added; newest = templatesAdded) {
            for (Group group : byNumber.subMap(added, false, newest, true).values()) {
                beforeStep.run();
                if (group.matches(normal)) {
                    found.put(group.template().text(), group);
                }
            }
            added = newest;
        }
        return new Matching(topics, normal, found.values(), added, tried);
    }

    /**
     * Calls an action for every subscriber that selects any of the topics. Calls it repeatedly for a subscriber that has several
     * matching selectors. Called with the hub's lock held.
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
        if (templatesAdded > matching.templatesAdded()) {
            byNumber.tailMap(matching.templatesAdded(), false).values().stream()
                    .filter(group -> group.matches(matching.normal())).forEach(group -> group.subscribers().forEach(action));
        }
    }

    /** Returns a live view of all subscribers. Any thread may read it. */
    Collection<Subscriber> all() {
        return all;
    }

    /** For tests. */
    boolean isEmpty() {
        return all.isEmpty() && ofAnyTopic.isEmpty() && byTopic.isEmpty() && byTemplate.isEmpty() && byNumber.isEmpty()
                && index.isEmpty();
    }
}
