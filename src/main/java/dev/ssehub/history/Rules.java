package dev.ssehub.history;

import module java.base;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.topic.TopicSelector;

/**
 * The rules of a history, in their order: the first that matches a topic counts. And the budgets, each of which is shared by the
 * topics of some rules. Guarded by the lock of the history.
 */
final class Rules {
    private static final int BY_SHARE = 0;

    private final List<Rule> all = new ArrayList<>();
    private final List<Budget> budgets = new ArrayList<>(List.of(new Budget()));

    /** The memory that several topics share, and how much of it they take. */
    static final class Budget {
        private final TopicHeap largest = new TopicHeap(BY_SHARE,
                Comparator.comparingDouble(TopicPast::share).reversed().thenComparingLong(TopicPast::oldestPosition));
        private long events;
        private long bytes;

        void add(long count, long size) {
            events += count;
            bytes += size;
        }

        boolean exceeds(Rule rule) {
            return events > rule.budgetEvents || bytes > rule.budgetBytes;
        }

        /** Returns the topics, with the one that takes the greatest part first. */
        TopicHeap largest() {
            return largest;
        }

        long events() {
            return events;
        }

        long bytes() {
            return bytes;
        }
    }

    Rules(Limits limits) {
        for (TopicRule rule : limits.rules()) {
            Long own = rule.maxBytes();
            if (own == null) {
                all.add(new Rule(rule.match(), rule.maxEvents(), rule.maxAge(), 0, limits.maxEvents(), limits.maxBytes()));
            } else {
                all.add(new Rule(rule.match(), rule.maxEvents(), rule.maxAge(), budgets.size(), Long.MAX_VALUE, own));
                budgets.add(new Budget());
            }
        }
        all.add(new Rule(new TopicSelector.Any(), Long.MAX_VALUE, limits.maxAge(), 0, limits.maxEvents(), limits.maxBytes()));
    }

    List<Rule> all() {
        return all;
    }

    /** Returns all budgets. Rules without a budget of their own share the first one. */
    List<Budget> budgets() {
        return budgets;
    }

    Budget budgetOf(TopicPast past) {
        return budgets.get(past.rule().budget);
    }

    /** Returns the rule of a topic. The last rule matches every topic. */
    Rule of(String topic) {
        return all.stream().filter(rule -> rule.match.matches(topic)).findFirst().orElseThrow();
    }

    /**
     * Takes over what other rules have lost. If they are not the same rules in the same order, a forgotten topic may have come to
     * another rule, so each rule has lost what any rule had lost.
     *
     * @param number the number of the loss, if it is another one
     */
    void inherit(Rules before, long number) {
        boolean same = texts().equals(before.texts());
        long newest = before.all.stream().mapToLong(Rule::lost).max().orElse(0);
        for (int i = 0; i < all.size(); i++) {
            if (same) {
                all.get(i).lose(before.all.get(i).lost(), before.all.get(i).lossNumber());
            } else {
                all.get(i).lose(newest, number);
            }
        }
    }

    private List<String> texts() {
        return all.stream().map(Rule::text).toList();
    }

    /** Takes over what rules had lost before a restart. What a rule that is gone had lost counts for every rule. */
    void restore(Map<String, Long> lost, long number) {
        List<String> known = texts();
        long ofOthers = lost.entrySet().stream().filter(entry -> !known.contains(entry.getKey())).mapToLong(Map.Entry::getValue)
                .max().orElse(0);
        all.forEach(rule -> rule.lose(Math.max(ofOthers, lost.getOrDefault(rule.text(), 0L)), number));
    }

    long newestLost() {
        return all.stream().mapToLong(Rule::lost).max().orElse(0);
    }

    /** Returns the newest position after {@code after} that was lost of any topic without a past, or 0. */
    long lostAfter(long after, long told) {
        return all.stream().mapToLong(rule -> rule.lostAfter(after, told)).max().orElse(0);
    }
}
