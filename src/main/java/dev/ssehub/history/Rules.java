package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.TopicSelector;

/** The rules of a history, in their order: the first that matches a topic counts. Guarded by the lock of the history. */
final class Rules {
    private final List<Rule> all = new ArrayList<>();
    private int budgets = 1;

    Rules(Limits limits) {
        for (TopicRule rule : limits.rules()) {
            Long own = rule.maxBytes();
            all.add(own == null
                    ? new Rule(rule.match(), rule.maxEvents(), rule.maxAge(), 0, limits.maxEvents(), limits.maxBytes())
                    : new Rule(rule.match(), rule.maxEvents(), rule.maxAge(), budgets++, Long.MAX_VALUE, own));
        }
        all.add(new Rule(new TopicSelector.Any(), Long.MAX_VALUE, limits.maxAge(), 0, limits.maxEvents(), limits.maxBytes()));
    }

    List<Rule> all() {
        return all;
    }

    /** Returns the number of budgets. Rules without a budget of their own share the first one. */
    int budgets() {
        return budgets;
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
