package dev.ssehub.history.memory;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.Newest;
import dev.ssehub.history.Reading;
import dev.ssehub.history.Retention;
import dev.ssehub.history.Rule;
import dev.ssehub.history.Selection;
import dev.ssehub.history.TopicPast;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** The events of a history in memory: all of them in their order, and those of each topic. Guarded by the history's monitor. */
final class EventLog {
    /** The events of one topic. */
    static final class Past extends TopicPast {
        private final EventRing events = new EventRing();

        Past(String topic, Rule rule) {
            super(topic, rule);
        }

        @Override
        public long oldestPosition() {
            return events.oldest().position();
        }

        @Override
        public long oldestMillis() {
            return events.oldest().loggedMillis();
        }

        Event removeOldest() {
            Event oldest = events.oldest();
            events.remove(oldest.position());
            return oldest;
        }
    }

    /** A place in the events of one topic. */
    private static final class Cursor implements Comparable<Cursor> {
        private final EventRing events;
        private int index;

        Cursor(EventRing events, long after) {
            this.events = events;
            this.index = events.indexAfter(after);
        }

        /** Returns the next event; events of one topic have no empty slots between them. */
        @Nullable
        Event event() {
            return index < events.slots() ? events.get(index) : null;
        }

        private long position() {
            Event event = event();
            return event == null ? Long.MAX_VALUE : event.position();
        }

        @Override
        public int compareTo(Cursor other) {
            return Long.compare(position(), other.position());
        }
    }

    private static final int SCANNED_AT_ONCE = 1_000;

    private final EventRing all = new EventRing();

    void add(Event event, List<Past> pasts) {
        all.add(event);
        pasts.forEach(past -> past.events.add(event));
    }

    /** Removes an event that no topic holds any more. */
    void remove(Event event) {
        all.remove(event.position());
    }

    /** Reads events of a selection up to a position. Returns the position up to which all were read. */
    long read(Reading reading, Selection selection, Retention retention, long last) {
        boolean complete;
        long end = last;
        if (selection.usesTopics(reading.upTo())) {
            end = Math.min(last, selection.horizon());
            complete = merge(reading, selection.topics(retention), end);
        } else {
            complete = scan(reading, selection.selectors(), retention, last);
        }
        return complete ? end : reading.upTo();
    }

    private boolean merge(Reading reading, List<TopicPast> topics, long end) {
        PriorityQueue<Cursor> cursors = new PriorityQueue<>(Math.max(1, topics.size()));
        for (TopicPast past : topics) {
            cursors.add(new Cursor(((Past) past).events, reading.upTo()));
        }
        for (Cursor next = cursors.poll(); next != null && next.position() <= end; next = cursors.poll()) {
            Event event = Objects.requireNonNull(next.event());
            if (event.position() > reading.upTo() && !reading.take(event)) { // an event can have several of the topics
                return false;
            }
            next.index++;
            if (next.event() != null) {
                cursors.add(next);
            }
        }
        return true;
    }

    private boolean scan(Reading reading, SelectorSet selectors, Retention retention, long last) {
        for (int i = all.indexAfter(reading.upTo()); i < all.slots(); i++) {
            Event event = all.get(i);
            if (event != null && event.position() > last) {
                return true;
            }
            boolean goesOn = event == null
                    || (isWanted(event, selectors, retention) ? reading.take(event) : reading.skip(event.position()));
            if (!goesOn) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether the selectors select a topic that holds the event. Another of its topics can have given it up. */
    private static boolean isWanted(Event event, SelectorSet selectors, Retention retention) {
        return event.topics().size() == 1 ? selectors.matchesAny(event.topics()) : retention.holds(event, selectors);
    }

    /** Collects the newest events of some topics. */
    void newestOf(List<TopicPast> topics, Newest newest) {
        for (TopicPast past : topics) {
            EventRing events = ((Past) past).events;
            for (int i = events.slots() - 1; i >= 0 && newest.take(Objects.requireNonNull(events.get(i))); i--) {
                // goes on to older events
            }
        }
    }

    /**
     * Collects the newest events before a position that the selectors select. Looks at a limited number. Returns the position
     * before which it goes on, or 0 if it has found all.
     */
    long newestOf(SelectorSet selectors, long before, Newest newest, Retention retention) {
        int end = all.indexAfter(before - 1);
        for (int i = end - 1; i >= 0; i--) {
            Event event = all.get(i);
            if (event != null && isWanted(event, selectors, retention) && !newest.take(event)) {
                return 0;
            }
            if (end - i == SCANNED_AT_ONCE) {
                return all.positionOf(i);
            }
        }
        return 0;
    }
}
