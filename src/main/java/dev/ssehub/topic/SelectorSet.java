package dev.ssehub.topic;

import module java.base;

/**
 * An immutable set of selectors. Matching looks up exact selectors in a hash set and tries templates one by one.
 *
 * @param exact the topics of the exact selectors
 * @param any whether the set contains {@code *}, which selects every topic
 */
public record SelectorSet(Set<String> exact, List<UriTemplate> templates, boolean any) {
    private static final SelectorSet NONE = new SelectorSet(Set.of(), List.of(), false);

    public static SelectorSet of(List<TopicSelector> selectors) {
        if (selectors.isEmpty()) {
            return NONE;
        }
        boolean any = false;
        Set<String> exact = new HashSet<>();
        Set<UriTemplate> templates = new LinkedHashSet<>();
        for (TopicSelector selector : selectors) {
            switch (selector) {
                case TopicSelector.Any _ -> any = true;
                case TopicSelector.Exact(String topic) -> exact.add(topic);
                case UriTemplate template -> templates.add(template);
            }
        }
        // most subscribers have one topic, and Set.copyOf is smaller; a large HashSet is fast even if hashes collide
        return new SelectorSet(exact.size() <= 2 ? Set.copyOf(exact) : exact, List.copyOf(templates), any);
    }

    /** Returns whether any of the selectors selects any of the topics. */
    public boolean matchesAny(List<String> topics) {
        if (any) {
            return true;
        }
        for (String topic : topics) {
            if (exact.contains(topic) || (!templates.isEmpty() && anyTemplateMatches(new Topic(topic)))) {
                return true;
            }
        }
        return false;
    }

    private boolean anyTemplateMatches(Topic topic) {
        return templates.stream().anyMatch(template -> template.matches(topic));
    }

    public Stream<TopicSelector> stream() {
        Stream<TopicSelector> others = Stream.concat(exact.stream().map(TopicSelector.Exact::new), templates.stream());
        return any ? Stream.concat(Stream.of(new TopicSelector.Any()), others) : others;
    }

    /** Returns the texts of the selectors that select any of the topics. Can be slow, because it tries every template. */
    public List<String> matching(List<String> topics) {
        List<String> matching = new ArrayList<>();
        if (any) {
            matching.add("*");
        }
        topics.stream().filter(exact::contains).forEach(matching::add);
        if (!templates.isEmpty()) {
            List<Topic> normal = topics.stream().map(Topic::new).toList();
            templates.stream().filter(template -> normal.stream().anyMatch(template::matches))
                    .forEach(template -> matching.add(template.text()));
        }
        return matching;
    }
}
