package dev.ssehub.hub;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Selectors taken together, for a quick answer: exact ones are looked up, only the others are tried one by one. */
final class SelectorSet {

    private final Set<TopicSelector> exact;
    private final List<TopicSelector> others;

    SelectorSet(Collection<TopicSelector> selectors) {
        Set<TopicSelector> distinct = new HashSet<>(selectors);
        others = distinct.stream().filter(selector -> !(selector instanceof TopicSelector.Exact)).toList();
        others.forEach(distinct::remove);
        exact = Set.copyOf(distinct);
    }

    /** Whether any of the selectors selects any of the topics. */
    boolean matchesAny(List<String> topics) {
        for (String topic : topics) {
            if (!exact.isEmpty() && exact.contains(new TopicSelector.Exact(topic))) {
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

    /** The selectors of one topic each. */
    Collection<TopicSelector> exact() {
        return exact;
    }

    /** All others. */
    Collection<TopicSelector> others() {
        return others;
    }
}
