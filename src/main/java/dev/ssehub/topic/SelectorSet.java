package dev.ssehub.topic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A set of selectors that is quick to match: exact ones are looked up, and only templates are tried one after another. */
public final class SelectorSet {

    private static final SelectorSet NONE = new SelectorSet(Set.of(), List.of(), false);

    private final Set<String> exact;
    private final List<UriTemplate> templates;
    private final boolean any;

    private SelectorSet(Set<String> exact, List<UriTemplate> templates, boolean any) {
        this.exact = exact;
        this.templates = templates;
        this.any = any;
    }

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
        // there are very many sets, most of them with one topic; in a large set, a HashSet stays fast when hashes collide
        return new SelectorSet(exact.size() <= 2 ? Set.copyOf(exact) : exact, List.copyOf(templates), any);
    }

    /** Returns whether any of the selectors selects any of the topics. */
    public boolean matchesAny(List<String> topics) {
        if (any) {
            return true;
        }
        for (String topic : topics) {
            if (exact.contains(topic)) {
                return true;
            }
            if (!templates.isEmpty()) {
                Topic normal = new Topic(topic);
                if (templates.stream().anyMatch(template -> template.matches(normal))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the topics that are selected by name. */
    public Collection<String> exact() {
        return exact;
    }

    public Collection<UriTemplate> templates() {
        return templates;
    }

    /** Returns whether every topic is selected. */
    public boolean any() {
        return any;
    }

    /** Returns the selectors. */
    public Stream<TopicSelector> stream() {
        return Stream.of(any ? Stream.of(new TopicSelector.Any()) : Stream.<TopicSelector>empty(),
                exact.stream().map(TopicSelector.Exact::new), templates.stream()).flatMap(selectors -> selectors);
    }

    /** Returns the texts of those selectors that select any of the topics. May take long: templates are tried. */
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
