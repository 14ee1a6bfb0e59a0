package dev.ssehub.topic;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Selectors taken together, for a quick answer: exact ones are looked up, only templates are tried one by one. */
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
        // most have one, and there are very many; of the others, a HashSet finds one soon even if all hashes are the same
        return new SelectorSet(exact.size() <= 2 ? Set.copyOf(exact) : exact, List.copyOf(templates), any);
    }

    /** Whether any of the selectors selects any of the topics. */
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

    /** The topics that are selected by name. */
    public Collection<String> exact() {
        return exact;
    }

    public Collection<UriTemplate> templates() {
        return templates;
    }

    /** Whether every topic is selected. */
    public boolean any() {
        return any;
    }
}
