package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.metrics.EvictionReason;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.Topic;
import org.jspecify.annotations.Nullable;

/**
 * Knows which topics have a past, decides which event the history gives up next, and remembers what is lost. Guarded by the lock of
 * the history, except for {@link #byNormalName}.
 */
public final class Retention {
    // Each topic belongs to the first rule that matches it. A rule has a budget of its own, or shares the general one. If a budget is
    // exceeded, the topic that takes the greatest part of it gives up its oldest event, so a noisy topic does not evict a quiet one.
    //
    // A topic remembers its newest loss while it has a past. When its past is gone, the topic is forgotten, and its rule remembers
    // the newest loss of all forgotten topics. So a subscriber may be told about a gap where it has missed nothing, but it is always
    // told if it has missed something. Losses are numbered, so that it is told only once about each.

    private static final int BY_EXPIRY = 1;
    private static final int BY_AGE = 2;

    private Rules rules;
    private final Map<String, TopicPast> byName = new HashMap<>();
    private final ConcurrentNavigableMap<String, TopicPast> byNormalName = new ConcurrentSkipListMap<>();
    private final TopicHeap expiring = new TopicHeap(BY_EXPIRY, Comparator.comparingLong(TopicPast::expires));
    private final TopicHeap oldest = new TopicHeap(BY_AGE, Comparator.comparingLong(TopicPast::oldestPosition));
    private final Map<EvictionReason, Long> evicted = new EnumMap<>(EvictionReason.class);
    private long losses;
    private long newestLost;
    private final Holes holes = new Holes();

    /** Creates the retention of a history without events. */
    public Retention(Limits limits) {
        rules = new Rules(limits);
        Stream.of(EvictionReason.values()).forEach(reason -> evicted.put(reason, 0L));
    }

    /** Replaces the limits. The topics keep their events: ask {@link #over} for each, and {@link #overBudget} afterwards. */
    public void apply(Limits limits) {
        Rules before = rules;
        rules = new Rules(limits);
        rules.inherit(before, ++losses);
        expiring.clear();
        for (TopicPast past : byName.values()) {
            past.assign(rules.of(past.topic()));
            rules.budgetOf(past).add(past.events(), past.bytes());
            rules.budgetOf(past).largest().add(past);
            expiring.add(past);
        }
    }

    /** Returns the past of a topic, or {@code null} if it has none. */
    public @Nullable TopicPast find(String topic) {
        return byName.get(topic);
    }

    /** Returns the event that has ended a topic, see {@link History#endOf}. If events after it are missing, they may have opened it. */
    public @Nullable Event endOf(String topic) {
        TopicPast past = byName.get(topic);
        Event end = past == null ? null : past.end();
        return end == null || holes.areAfter(end.position()) ? null : end;
    }

    /** Returns the rule of a topic. */
    public Rule ruleOf(String topic) {
        return rules.of(topic);
    }

    /** Returns all rules, in their order. The last one is the rule of the topics that no other rule matches. */
    public List<Rule> rules() {
        return rules.all();
    }

    /** Returns a live view of the topics that have a past. */
    public Collection<TopicPast> topics() {
        return byName.values();
    }

    /** Counts an event that the past of a topic has received. The first time, the topic becomes known. */
    public void added(TopicPast past, Event event) {
        added(past, 1, event.size());
        past.newest(event);
    }

    private void added(TopicPast past, long events, long bytes) {
        boolean isNew = past.events() == 0;
        past.add(events, bytes);
        Rules.Budget budget = rules.budgetOf(past);
        budget.add(events, bytes);
        if (isNew) {
            past.lose(past.rule().lost(), past.rule().lossNumber());
            byName.put(past.topic(), past);
            byNormalName.put(key(past.topic()), past);
            expiring.add(past);
            oldest.add(past);
            budget.largest().add(past);
        } else {
            budget.largest().changed(past);
        }
    }

    /**
     * Adds a topic with the past that it had before a restart. Without a past, its loss counts for its rule.
     *
     * @param lost the position of the newest event that was given up, or 0
     * @param end the newest event if it ends the topic, otherwise {@code null}
     */
    public void restore(TopicPast past, long events, long bytes, long lost, @Nullable Event end) {
        if (events > 0) {
            added(past, events, bytes);
            past.lose(lost, losses);
            past.endedBefore(end);
        } else {
            past.rule().lose(lost, losses);
        }
        newestLost = Math.max(newestLost, lost);
    }

    /** Takes over what rules had lost before a restart. What a rule that is gone had lost counts for every rule. */
    public void restoreLost(Map<String, Long> lost) {
        rules.restore(lost, losses);
        newestLost = Math.max(newestLost, rules.newestLost());
    }

    /** Returns the topic that must give up its oldest event after an addition to {@code past}, or {@code null}. */
    public @Nullable TopicPast exceeding(TopicPast past) {
        if (past.isOver()) {
            return past;
        }
        Rules.Budget budget = rules.budgetOf(past);
        return budget.exceeds(past.rule()) ? budget.largest().first() : null;
    }

    /** Returns the topic if it must give up its oldest event because of the limit for one topic, otherwise {@code null}. */
    public @Nullable TopicPast over(TopicPast past) {
        return past.events() > 0 && past.isOver() ? past : null;
    }

    /** Returns a topic that must give up its oldest event because of a budget, or {@code null}. */
    public @Nullable TopicPast overBudget() {
        for (Rules.Budget budget : rules.budgets()) {
            TopicPast largest = budget.largest().first();
            if (largest != null && budget.exceeds(largest.rule())) {
                return largest;
            }
        }
        return null;
    }

    /** Returns a topic whose oldest event is too old, or {@code null}. */
    public @Nullable TopicPast expired(long nowMillis) {
        TopicPast first = expiring.first();
        return first != null && first.expires() <= nowMillis ? first : null;
    }

    /**
     * Counts events that a topic has given up, its oldest ones. Without events, the topic is forgotten. Called after
     * {@link TopicPast#oldestPosition} has changed.
     *
     * @param position the position of the newest of these events
     */
    public void gaveUp(TopicPast past, long events, long bytes, long position, EvictionReason why) {
        evicted.merge(why, events, Long::sum);
        past.add(-events, -bytes);
        Rules.Budget budget = rules.budgetOf(past);
        budget.add(-events, -bytes);
        lost(past, position);
        if (past.events() == 0) {
            byName.remove(past.topic());
            byNormalName.remove(key(past.topic()));
            expiring.remove(past);
            oldest.remove(past);
            budget.largest().remove(past);
            past.rule().lose(position, losses);
        } else {
            expiring.changed(past);
            oldest.changed(past);
            budget.largest().changed(past);
        }
    }

    /** Counts everything of a topic up to a position as lost before the topic gives it up. */
    public void lost(TopicPast past, long position) {
        past.lose(position, ++losses);
        newestLost = Math.max(newestLost, position);
    }

    /** Counts an event that is not kept. */
    public void notKept(Rule rule, long position) {
        losses++;
        newestLost = Math.max(newestLost, position);
        rule.lose(position, losses);
    }

    /** Counts everything up to a position as lost, for topics that have no past. */
    public void lostAllUpTo(long position) {
        rules.all().forEach(rule -> notKept(rule, position));
    }

    /** Counts everything between the newest event and a position as missing, for all topics. They keep the events that they have. */
    public void loseAllTopics(long position) {
        holes.add(position, ++losses);
    }

    /** Returns what {@link #loseAllTopics} was told. */
    public Holes holes() {
        return holes;
    }

    /** Returns the number of events, which count in each of their topics. */
    long events() {
        return rules.budgets().stream().mapToLong(Rules.Budget::events).sum();
    }

    /** Returns what the topics hold, for a history whose clock shows this time. */
    public HistoryStatus status(long nowMillis, boolean takesEvents) {
        TopicPast first = oldest.first();
        return new HistoryStatus(byName.size(), events(), rules.budgets().stream().mapToLong(Rules.Budget::bytes).sum(),
                first == null ? 0 : nowMillis - first.oldestMillis(), Map.copyOf(evicted), takesEvents);
    }

    /** Returns the number of losses. */
    public long losses() {
        return losses;
    }

    /** Returns the newest position that is lost, or 0. */
    public long newestLost() {
        return newestLost;
    }

    /** Returns whether a topic of the event that the selectors select still holds it. */
    public boolean holds(Event event, SelectorSet selectors) {
        for (String topic : event.topics()) {
            TopicPast past = byName.get(topic);
            if (past != null && past.lost() < event.position() && selectors.matchesAny(List.of(topic))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the newest position after {@code after} that was lost of any topic without a past, or of all topics; or 0. */
    long lostOfForgotten(long after, long told) {
        return Math.max(holes.older(after, told), rules.lostAfter(after, told));
    }

    /** Returns the topics whose normal form begins with a prefix. Any thread may call it and read the result. */
    Collection<TopicPast> startingWith(String prefix) {
        return prefix.isEmpty() ? byNormalName.values() : byNormalName.subMap(prefix, prefix + Character.MAX_VALUE).values();
    }

    private static String key(String topic) {
        return new Topic(topic).normal() + '\n' + topic; // two topics can have the same normal form
    }
}
