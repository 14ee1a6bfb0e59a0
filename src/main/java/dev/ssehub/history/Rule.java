package dev.ssehub.history;

import module java.base;
import dev.ssehub.topic.TopicSelector;

/** The limits of the topics that a selector matches, and what they have lost. Guarded by the lock of the history. */
public final class Rule {
    /** The newest position that something has lost, and the number of this loss. Guarded by the lock of the history. */
    static final class Loss {
        private long position;
        private long number;

        /** Adds a loss. Its number is greater than those before. */
        void add(long upTo, long itsNumber) {
            position = Math.max(position, upTo);
            number = itsNumber;
        }

        /** Returns the newest position that is lost, or 0. */
        long position() {
            return position;
        }

        long number() {
            return number;
        }

        /** Returns the newest position if it matters to a subscriber, otherwise 0. */
        long after(long after, long told) {
            return position > after && number > told ? position : 0;
        }
    }

    final TopicSelector match;
    final long maxEvents;
    final long maxAgeMillis;
    /** The number of the budget, and its limits. */
    final int budget;
    final long budgetEvents;
    final long budgetBytes;
    private final Loss loss = new Loss();

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
        return loss.position();
    }

    long lossNumber() {
        return loss.number();
    }

    void lose(long position, long number) {
        loss.add(position, number);
    }

    /** Returns the newest loss that matters to a subscriber, or 0. */
    long lostAfter(long after, long told) {
        return loss.after(after, told);
    }
}
