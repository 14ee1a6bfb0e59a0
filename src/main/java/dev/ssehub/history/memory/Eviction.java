package dev.ssehub.history.memory;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.Retention;
import dev.ssehub.history.TopicPast;
import dev.ssehub.metrics.EvictionReason;
import org.jspecify.annotations.Nullable;

/** Removes from the memory what exceeds a limit, and what somebody wants forgotten. Guarded by the monitor of the history. */
final class Eviction {
    /** How many events are removed before other threads have a turn. */
    private static final int AT_ONCE = 1_000;

    private final EventLog events;
    private final Retention retention;
    private final IdIndex ids;

    Eviction(EventLog events, Retention retention, IdIndex ids) {
        this.events = events;
        this.retention = retention;
        this.ids = ids;
    }

    /** Removes what is too old. */
    void removeExpired(long nowMillis) {
        for (TopicPast past = retention.expired(nowMillis); past != null; past = retention.expired(nowMillis)) {
            removeOldest(past, EvictionReason.AGE);
        }
    }

    /** Removes what exceeds a limit after an addition to a topic. */
    void limit(TopicPast changed) {
        while (limit(() -> changed.events() == 0 ? null : retention.exceeding(changed))) {
            // an event can be larger than many others together
        }
    }

    /** Removes what exceeds the limit for one topic. Returns whether there is more to remove. */
    boolean limitTopic(TopicPast past) {
        return limit(() -> retention.over(past));
    }

    /** Removes what exceeds the budgets. Returns whether there is more to remove. */
    boolean limitBudgets() {
        return limit(retention::overBudget);
    }

    private boolean limit(Supplier<@Nullable TopicPast> next) {
        for (int i = 0; i < AT_ONCE; i++) {
            TopicPast exceeding = next.get();
            if (exceeding == null) {
                return false;
            }
            removeOldest(exceeding, EvictionReason.FULL);
        }
        return true;
    }

    /** Removes a topic's events up to a position. Returns whether there is more to remove. */
    boolean forget(String topic, long upTo) {
        TopicPast past = retention.find(topic);
        for (int i = 0; past != null && past.events() > 0 && past.oldestPosition() <= upTo; i++) {
            if (i == AT_ONCE) {
                return true;
            }
            removeOldest(past, EvictionReason.FORGOTTEN);
        }
        return false;
    }

    private void removeOldest(TopicPast past, EvictionReason why) {
        Event event = ((EventLog.Past) past).removeOldest();
        retention.gaveUp(past, 1, event.size(), event.position(), why);
        for (String topic : event.topics()) {
            if (isHeldBy(topic, event)) {
                return;
            }
        }
        events.remove(event);
        ids.remove(event);
    }

    /** Returns whether a topic still holds an event. It gives up its oldest events first. */
    private boolean isHeldBy(String topic, Event event) {
        TopicPast past = retention.find(topic);
        return past != null && past.events() > 0 && past.oldestPosition() <= event.position();
    }
}
