package dev.ssehub.hub;

import static java.util.stream.Collectors.toCollection;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Selectors taken together, for a quick answer: exact ones are looked up, only the others are tried one by one. */
final class SelectorSet {

    private final Set<String> exact; // strings are comparable, so that a set finds them soon even if all hashes are the same
    private final List<TopicSelector> others;

    SelectorSet(List<TopicSelector> selectors) {
        exact = selectors.stream().filter(TopicSelector.Exact.class::isInstance).map(TopicSelector::text)
                .collect(toCollection(HashSet::new));
        others = selectors.stream().filter(selector -> !(selector instanceof TopicSelector.Exact)).distinct().toList();
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
