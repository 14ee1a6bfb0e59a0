package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.Limits.TopicRule;
import dev.ssehub.history.Limits;
import dev.ssehub.history.Query;
import dev.ssehub.history.Retention;
import dev.ssehub.history.Rule;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.history.TopicPast;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.EvictionReason;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/**
 * What the hub knows about the file without reading it: which topics have a past, what is lost, and the newest events. Thread-safe;
 * only the log's thread changes it.
 */
final class Ledger {
    // Events are added here after they are committed, and given up here before they are removed from the file. So a reader that
    // first reads the file and then asks what is lost never misses a loss.

    private static final int RECENT_EVENTS = 50_000;
    /** See {@link Selection#of}. Measured: 20 us for a topic, 3 us for an event, 60 events a read. */
    private static final int EVENTS_PER_TOPIC = 9;
    private static final long RECENT_BYTES = Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 16);

    private final Retention retention;
    private final MemoryHistory recent;
    private final LongSupplier millis;
    private final Runs runs = new Runs();
    private volatile long newest;

    /** @param millis the clock of the log */
    Ledger(Limits limits, LongSupplier millis, long newest) {
        this.retention = new Retention(limits);
        this.millis = millis;
        this.newest = newest;
        this.recent = MemoryHistory.ofRecent(ofRecent(limits), millis, newest);
    }

    private static Limits ofRecent(Limits limits) {
        List<TopicRule> rules = limits.rules().stream()
                .map(rule -> new TopicRule(rule.match(), rule.maxEvents(), rule.maxAge(), null)).toList();
        return new Limits(RECENT_EVENTS, limits.maxAge(), RECENT_BYTES, rules);
    }

    /** Replaces the limits, see {@link Retention#apply}. */
    void apply(Limits limits) {
        synchronized (this) {
            retention.apply(limits);
        }
        recent.apply(ofRecent(limits));
    }

    /**
     * Takes over what the file has. Called before the ledger is used.
     *
     * @param marks what {@link #marks} has returned before
     * @param rulesBefore the {@link #rulesText} of the hub that wrote the marks
     */
    void restore(Collection<LogReader.Summary> topics, Map<String, Long> marks, String rulesBefore) {
        Map<String, Long> lost = new HashMap<>(marks);
        retention.holes().takeFrom(lost);
        for (LogReader.Summary topic : topics) {
            FilePast past = FilePast.of(topic, retention.ruleOf(topic.name()));
            retention.restore(past, topic.events(), topic.size(), topic.lost(), topic.end());
        }
        // With other rules, a forgotten topic may have come to another rule, so each rule has lost what any rule had lost.
        retention.restoreLost(rulesBefore.equals(rulesText()) || lost.isEmpty()
                ? lost
                : Map.of("", Collections.max(lost.values())));
    }

    Runs runs() {
        return runs;
    }

    /** Takes the start of this hub: the positions between the newest one and this one are in no event of the file. */
    void startAt(long position) {
        runs.add(newest, position);
        if (newest == 0) {
            recent.start(position);
            newest = position;
        }
    }

    /**
     * Returns whether the file has had this position. It has not if the file is an older copy, or has lost its newest events in a
     * power cut.
     */
    boolean knows(long position) {
        return position <= newest && runs.include(position);
    }

    long newest() {
        return newest;
    }

    synchronized @Nullable FilePast find(String topic) {
        return (FilePast) retention.find(topic);
    }

    synchronized @Nullable Event endOf(String topic) {
        return retention.endOf(topic);
    }

    synchronized Rule ruleOf(String topic) {
        return retention.ruleOf(topic);
    }

    /** Adds a committed event. The rules of its other topics keep nothing. */
    synchronized void added(Event event, List<FilePast> pasts) {
        for (FilePast past : pasts) {
            past.add(new LogWriter.Entry(event.position(), event.size(), event.loggedMillis()));
            retention.added(past, event);
        }
        if (pasts.size() < event.topics().size()) {
            event.topics().stream().filter(topic -> pasts.stream().noneMatch(past -> past.topic().equals(topic)))
                    .forEach(topic -> retention.notKept(retention.ruleOf(topic), event.position()));
        }
        recent.keep(event);
        newest = event.position();
    }

    /**
     * Returns the topic that must give up its oldest event, because of a limit or its age, or {@code null}.
     *
     * @param unchecked the topics that may hold too much; those that do not are removed
     */
    synchronized @Nullable FilePast exceeding(SequencedSet<FilePast> unchecked) {
        while (!unchecked.isEmpty() && retention.over(unchecked.getFirst()) == null) {
            unchecked.removeFirst();
        }
        TopicPast exceeding = unchecked.isEmpty() ? retention.overBudget() : unchecked.getFirst();
        return (FilePast) (exceeding == null ? retention.expired(millis.getAsLong()) : exceeding);
    }

    /** Takes the oldest entries of a topic, or the entries that follow its oldest one. */
    synchronized void know(FilePast past, boolean fromOldest, List<LogWriter.Entry> entries) {
        if (fromOldest && !entries.isEmpty()) {
            past.knowSize(entries);
        } else if (!fromOldest) {
            past.know(entries);
        }
    }

    /**
     * Gives up the oldest event of a topic, or everything if the file does not have the next event. Returns the position of the event.
     */
    synchronized long giveUpOldest(FilePast past) {
        EvictionReason why = past.isForgotten()
                ? EvictionReason.FORGOTTEN
                : past.expires() <= millis.getAsLong() ? EvictionReason.AGE : EvictionReason.FULL;
        LogWriter.Entry entry = past.removeOldest();
        boolean all = past.isUnknown();
        retention.gaveUp(past, all ? past.events() : 1, all ? past.bytes() : entry.size(),
                all ? Math.max(entry.position(), past.lost()) : entry.position(), why);
        return entry.position();
    }

    /** Counts the events of a topic as lost, although the file still has them. So they exceed the limits from now on. */
    synchronized void lose(FilePast past, long upTo) {
        retention.lost(past, upTo);
    }

    /** Counts everything up to a position as missing, see {@link Retention#loseAllTopics}. */
    void loseAllTopics(long upTo) {
        synchronized (this) {
            retention.loseAllTopics(upTo);
            newest = Math.max(newest, upTo);
        }
        recent.lose(upTo);
    }

    synchronized long endOfRead(long after) {
        return retention.holes().end(after, newest);
    }

    /** Removes the newest events of a topic from the memory. Takes long, and a read leaves them out already. */
    void forgetRecent(String topic) {
        recent.forget(topic);
    }

    /** Gives up everything, because the file is gone. */
    synchronized void giveUpAll() {
        List.copyOf(retention.topics()).forEach(
                past -> retention.gaveUp(past, past.events(), past.bytes(), newest, EvictionReason.FILE_LOST));
        retention.lostAllUpTo(newest);
    }

    synchronized HistoryStatus status(boolean takesEvents) {
        return retention.status(millis.getAsLong(), takesEvents);
    }

    synchronized List<FilePast> topics() {
        return retention.topics().stream().map(FilePast.class::cast).toList();
    }

    /** Returns the position of each rule's mark, and of each hole. */
    synchronized Map<String, Long> marks() {
        Map<String, Long> marks = retention.rules().stream()
                .collect(Collectors.toMap(Rule::text, Rule::lost, Math::max, HashMap::new));
        retention.holes().addTo(marks);
        return marks;
    }

    /** Returns a text that is the same if the same rules have the same order. */
    String rulesText() {
        return retention.rules().stream().map(Rule::text).collect(Collectors.joining("\n"));
    }

    synchronized long losses() {
        return retention.losses();
    }

    synchronized long completeAfter() {
        return retention.newestLost();
    }

    Selection select(SelectorSet selectors, long after, long told) {
        Selection.Before before;
        synchronized (this) {
            before = Selection.Before.of(selectors, retention, newest, after, told);
        }
        return Selection.of(selectors, retention, before, after, told, EVENTS_PER_TOPIC);
    }

    /** Returns whether a topic of the event that the selectors select still holds it. */
    synchronized boolean holds(Event event, SelectorSet selectors) {
        return retention.holds(event, selectors);
    }

    /** Returns the result of a query if the newest events suffice, otherwise {@code null}. */
    synchronized @Nullable Slice readRecent(Query query) {
        Selection inMemory = Selection.withoutSearch(query.selection().selectors());
        Slice found = recent.read(new Query(query.after(), -1, inMemory,
                event -> holds(event, inMemory.selectors()) && query.mayReceive().test(event),
                query.size(), query.maxSize()));
        return found.lost() > 0 ? null : result(query, found.events(), found.upTo());
    }

    /** Returns the result of a query from what was read, and what is lost by now. */
    synchronized Slice result(Query query, List<Event> events, long upTo) {
        long lost = query.selection().lost(retention, query.after(), query.told(), upTo);
        boolean atEnd = upTo == newest;
        return new Slice(lost, query.selection().told(retention, upTo, atEnd), events, upTo, atEnd);
    }

    /** Returns the topics of a selection that have events after a position. */
    synchronized List<LogReader.Part> parts(Selection selection, long after) {
        return selection.topics(retention).stream()
                .map(past -> new LogReader.Part(((FilePast) past).number(), Math.max(after, past.lost()))).toList();
    }
}
