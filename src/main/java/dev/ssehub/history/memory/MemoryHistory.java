package dev.ssehub.history.memory;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits;
import dev.ssehub.history.Newest;
import dev.ssehub.history.Query;
import dev.ssehub.history.Reading;
import dev.ssehub.history.Retention;
import dev.ssehub.history.Rule;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.history.TopicPast;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** A history in memory. A restart forgets it. */
public final class MemoryHistory implements History {
    // The monitor guards the events and the retention. It is held for one read or one addition, and never while an event is
    // delivered.

    /** How many publishers' ids are remembered after eviction, to notice that a publisher uses an id again. */
    private static final int MIN_REMEMBERED_IDS = 10_000;
    private static final int MAX_REMEMBERED_IDS = 100_000;
    /** See {@link Selection#of}. Measured: 0.2 us for a topic, 1.2 us for an event, 60 events a read. */
    private static final int EVENTS_PER_TOPIC = 360;

    private final EventLog events = new EventLog();
    private final Retention retention;
    private final IdIndex ids;
    private final Eviction eviction;
    private final LongSupplier millis;
    private volatile long beginning;
    private volatile long newest;

    /** Creates an empty history. Events age by {@code nanoTime}. */
    public MemoryHistory(Limits limits, LongSupplier nanoTime) {
        long start = nanoTime.getAsLong();
        this(limits, () -> TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - start),
                Math.clamp(limits.maxEvents(), MIN_REMEMBERED_IDS, MAX_REMEMBERED_IDS));
    }

    private MemoryHistory(Limits limits, LongSupplier millis, int rememberedIds) {
        this.retention = new Retention(limits);
        this.ids = new IdIndex(rememberedIds);
        this.eviction = new Eviction(events, retention, ids);
        this.millis = millis;
    }

    /**
     * Creates the memory of the newest events of another history. It has lost all older events, and does not find ids.
     *
     * @param millis the clock of the other history, in milliseconds
     */
    public static MemoryHistory ofRecent(Limits limits, LongSupplier millis, long newest) {
        MemoryHistory recent = new MemoryHistory(limits, millis, 0);
        recent.start(newest);
        recent.retention.lostAllUpTo(newest);
        return recent;
    }

    @Override
    public synchronized void start(long position) {
        beginning = position;
        newest = position;
    }

    @Override
    public void append(List<Addition> additions) {
        for (Addition addition : additions) {
            Event event = add(addition);
            if (event == null) {
                addition.repeated();
            } else {
                addition.complete(event);
            }
        }
    }

    @Override
    public synchronized void lose(long upTo) {
        retention.loseAllTopics(upTo);
        newest = Math.max(newest, upTo);
    }

    private synchronized @Nullable Event add(Addition addition) {
        evict();
        String id = addition.update().id();
        if (id != null && addition.mayBeRepetition() && ids.holds(addition.update().topics().getFirst(), id)) {
            return null;
        }
        List<String> topics = addition.update().topics();
        List<EventLog.Past> pasts = pasts(topics, addition.position());
        Event event = Event.of(addition.update(), addition.position(), millis.getAsLong() - addition.ageMillis(),
                topics.size() == 1 && pasts.size() == 1 ? pasts.getFirst().topics() : topics);
        if (!pasts.isEmpty()) {
            ids.add(event);
        }
        keep(event, pasts);
        return event;
    }

    /** Adds an event of the other history, see {@link #ofRecent}. */
    public synchronized void keep(Event event) {
        keep(event, pasts(event.topics(), event.position()));
    }

    private void keep(Event event, List<EventLog.Past> pasts) {
        newest = event.position();
        if (!pasts.isEmpty()) {
            events.add(event, pasts);
            pasts.forEach(past -> retention.added(past, event));
            pasts.forEach(eviction::limit);
        }
    }

    /** Returns the pasts of the topics that keep events. */
    private List<EventLog.Past> pasts(List<String> topics, long position) {
        List<EventLog.Past> pasts = new ArrayList<>(topics.size());
        for (String topic : topics) {
            TopicPast known = retention.find(topic);
            Rule rule = known == null ? retention.ruleOf(topic) : known.rule();
            if (rule.keeps()) {
                pasts.add(known == null ? new EventLog.Past(topic, rule) : (EventLog.Past) known);
            } else {
                retention.notKept(rule, position);
            }
        }
        return pasts;
    }

    @Override
    public synchronized void evict() {
        eviction.removeExpired(millis.getAsLong());
    }

    @Override
    public synchronized HistoryStatus status() {
        evict();
        return retention.status(millis.getAsLong(), true);
    }

    @Override
    public long beginning() {
        return beginning;
    }

    @Override
    public long newest() {
        return newest;
    }

    @Override
    public synchronized long completeAfter() {
        return retention.newestLost();
    }

    @Override
    public synchronized long losses() {
        evict();
        return retention.losses();
    }

    @Override
    public synchronized long find(String id, Predicate<Event> mayKnow) {
        evict();
        long position = HubId.parse(id);
        if (position == HubId.NONE) {
            Event event = ids.find(id, mayKnow);
            return event == null ? UNKNOWN : event.position();
        }
        return position >= beginning && position <= newest ? position : UNKNOWN;
    }

    @Override
    public synchronized @Nullable Event endOf(String topic) {
        evict();
        return retention.endOf(topic);
    }

    @Override
    public long beforeLast(int count, Selection selection, Predicate<Event> mayReceive) {
        evict();
        Newest found = new Newest(count, mayReceive);
        if (selection.usesTopics(0)) {
            synchronized (this) {
                events.newestOf(selection.topics(retention), found);
            }
        } else {
            for (long before = Long.MAX_VALUE; before > 0;) {
                synchronized (this) {
                    before = events.newestOf(selection.selectors(), before, found, retention);
                }
            }
        }
        return found.before(beginning);
    }

    @Override
    public Selection select(SelectorSet selectors, long after, long told) {
        Selection.Before before;
        synchronized (this) {
            before = Selection.Before.of(selectors, retention, newest, after, told);
        }
        return Selection.of(selectors, retention, before, after, told, EVENTS_PER_TOPIC);
    }

    @Override
    public synchronized Slice read(Query query) {
        evict();
        Selection selection = query.selection();
        Reading reading = new Reading(query);
        long end = events.read(reading, selection, retention, retention.holes().end(query.after(), newest));
        long lost = selection.lost(retention, query.after(), query.told(), end);
        boolean atEnd = end == newest;
        return new Slice(lost, selection.told(retention, end, atEnd), reading.events(), end, atEnd);
    }

    @Override
    public void apply(Limits limits) {
        List<TopicPast> topics;
        synchronized (this) {
            retention.apply(limits);
            topics = List.copyOf(retention.topics());
        }
        topics.forEach(past -> inTurns(() -> eviction.limitTopic(past)));
        inTurns(eviction::limitBudgets);
    }

    @Override
    public Runnable forget(String topic) {
        long upTo = newest;
        inTurns(() -> eviction.forget(topic, upTo));
        return () -> {};
    }

    /** Repeats a step with the monitor held until it returns false. Other threads have a turn between two steps. */
    private void inTurns(BooleanSupplier step) {
        boolean more = true;
        while (more) {
            synchronized (this) {
                more = step.getAsBoolean();
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {}
}
