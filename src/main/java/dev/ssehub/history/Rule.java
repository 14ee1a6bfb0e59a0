package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.TopicSelector;

/** The limits of the topics that a selector matches, and what they have lost. Guarded by the lock of the history. */
public final class Rule {
    final TopicSelector match;
    final long maxEvents;
    final long maxAgeMillis;
    /** The number of the budget, and its limits. */
    final int budget;
    final long budgetEvents;
    final long budgetBytes;
    private long lost;
    private long lossNumber;

    /** @param maxEvents the most events of one topic */
    Rule(TopicSelector match, long maxEvents, Duration maxAge, int budget, long budgetEvents, long budgetBytes) {
        this.match = match;
        this.maxEvents = maxEvents;
        this.maxAgeMillis = maxAge.toMillis();
        this.budget = budget;
        this.budgetEvents = budgetEvents;
        this.budgetBytes = budgetBytes;
    }

    /** Returns the selector of the rule; it identifies the rule in a file. */
    public String text() {
        return match.text();
    }

    /** Returns whether the history keeps events of these topics at all. */
    public boolean keeps() {
        return maxEvents > 0 && budgetEvents > 0;
    }

    /** Returns the newest position that was lost of the topics without a past, or 0. */
    public long lost() {
        return lost;
    }

    long lossNumber() {
        return lossNumber;
    }

    void lose(long position, long number) {
        lost = Math.max(lost, position);
        lossNumber = number;
    }

    /** Returns the newest loss that matters to a subscriber, or 0. */
    long lostAfter(long after, long told) {
        return lost > after && lossNumber > told ? lost : 0;
    }
}
