package dev.ssehub.hub;

import static java.util.stream.Collectors.toCollection;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Selectors taken together, for a quick answer: exact ones are looked up, only the others are tried one by one. */
final class SelectorSet {

    private static final SelectorSet NONE = new SelectorSet(Set.of(), List.of());

    private final Set<String> exact;
    private final List<TopicSelector> others;

    private SelectorSet(Set<String> exact, List<TopicSelector> others) {
        this.exact = exact;
        this.others = others;
    }

    static SelectorSet of(List<TopicSelector> selectors) {
        if (selectors.isEmpty()) {
            return NONE;
        }
        Set<String> exact = selectors.stream().filter(TopicSelector.Exact.class::isInstance).map(TopicSelector::text)
                .collect(toCollection(HashSet::new));
        List<TopicSelector> others = selectors.stream().filter(selector -> !(selector instanceof TopicSelector.Exact)).distinct()
                .toList();
        // most have one, and there are very many; of the others, a HashSet finds one soon even if all hashes are the same
        return new SelectorSet(exact.size() <= 2 ? Set.copyOf(exact) : exact, others.isEmpty() ? List.of() : others);
    }

    /** Whether any of the selectors selects any of the topics. */
    boolean matchesAny(List<String> topics) {
        for (String topic : topics) {
            if (exact.contains(topic)) {
                return true;
            }
            for (TopicSelector selector : others) {
                if (selector.matches(topic)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The topics that are selected by name. */
    Collection<String> exact() {
        return exact;
    }

    /** All other selectors. */
    Collection<TopicSelector> others() {
        return others;
    }
}
