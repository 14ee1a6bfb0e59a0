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
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** A history in memory. A restart forgets it. */
public final class MemoryHistory implements History {
    // The monitor guards the events and the retention. It is held for one read or one addition, and never while an event is
    // delivered.

    /** How many publishers' ids are remembered after eviction, to notice that a publisher uses an id again. */
    private static final int MIN_REMEMBERED_IDS = 10_000;
    /** How many events are forgotten before other threads have a turn. */
    private static final int FORGOTTEN_AT_ONCE = 1_000;
    private static final int MAX_REMEMBERED_IDS = 100_000;
    /** See {@link Selection#of}. Measured: 0.2 us for a topic, 1.2 us for an event, 60 events a read. */
    private static final int EVENTS_PER_TOPIC = 360;

    private final EventLog events = new EventLog();
    private final Retention retention;
    private final IdIndex ids;
    private final HubMetrics metrics;
    private final LongSupplier millis;
    private volatile long beginning;
    private volatile long newest;

    /** Creates an empty history. Events age by {@code nanoTime}. */
    public MemoryHistory(Limits limits, HubMetrics metrics, LongSupplier nanoTime) {
        long start = nanoTime.getAsLong();
        this(limits, metrics, () -> TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - start),
                Math.clamp(limits.maxEvents(), MIN_REMEMBERED_IDS, MAX_REMEMBERED_IDS));
    }

    private MemoryHistory(Limits limits, HubMetrics metrics, LongSupplier millis, int rememberedIds) {
        this.retention = new Retention(limits);
        this.ids = new IdIndex(rememberedIds);
        this.metrics = metrics;
        this.millis = millis;
    }

    /**
     * Creates the memory of the newest events of another history. It has lost all older events, and does not find ids.
     *
     * @param millis the clock of the other history, in milliseconds
     */
    public static MemoryHistory ofRecent(Limits limits, HubMetrics metrics, LongSupplier millis, long newest) {
        MemoryHistory recent = new MemoryHistory(limits, metrics, millis, 0);
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
    public void append(Addition addition) {
        Event event = add(addition);
        if (event == null) {
            addition.repeated();
        } else {
            addition.complete(event);
        }
    }

    private synchronized @Nullable Event add(Addition addition) {
        evict();
        String id = addition.update().id();
        if (id != null && ids.holds(addition.update().topics().getFirst(), id)) {
            return null;
        }
        List<String> topics = addition.update().topics();
        List<EventLog.Past> pasts = pasts(topics, addition.position());
        Event event = Event.of(addition.update(), addition.position(), millis.getAsLong(),
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
            pasts.forEach(past -> retention.added(past, 1, event.size()));
            pasts.forEach(this::limit);
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

    private void limit(EventLog.Past added) {
        for (TopicPast past = retention.exceeding(added); past != null; past = retention.exceeding(added)) {
            metrics.reached(Limit.HISTORY);
            removeOldest(past);
        }
    }

    @Override
    public synchronized void evict() {
        long now = millis.getAsLong();
        for (TopicPast past = retention.expired(now); past != null; past = retention.expired(now)) {
            removeOldest(past);
        }
    }

    private void removeOldest(TopicPast past) {
        Event event = ((EventLog.Past) past).removeOldest();
        retention.gaveUp(past, 1, event.size(), event.position());
        if (event.topics().stream().noneMatch(topic -> isHeldBy(topic, event))) {
            events.remove(event);
            ids.remove(event);
        }
    }

    /** Returns whether a topic still holds an event. It gives up its oldest events first. */
    private boolean isHeldBy(String topic, Event event) {
        TopicPast past = retention.find(topic);
        return past != null && past.events() > 0 && past.oldestPosition() <= event.position();
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
        long end = events.read(reading, selection, retention, newest);
        long lost = selection.lost(retention, query.after(), query.told(), end);
        boolean atEnd = end == newest;
        return new Slice(lost, selection.told(retention, end, atEnd), reading.events(), end, atEnd);
    }

    @Override
    public void forget(String topic) {
        long newestBefore = newest;
        while (forgetSome(topic, newestBefore)) {
            Thread.onSpinWait(); // other threads have a turn
        }
    }

    /** Returns whether there is more to forget. */
    private synchronized boolean forgetSome(String topic, long upTo) {
        TopicPast past = retention.find(topic);
        for (int i = 0; past != null && past.events() > 0 && past.oldestPosition() <= upTo; i++) {
            if (i == FORGOTTEN_AT_ONCE) {
                return true;
            }
            removeOldest(past);
        }
        return false;
    }

    @Override
    public void close() {}
}
