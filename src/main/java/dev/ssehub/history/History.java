package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;

/**
 * The past of the hub: a log of events in one order, with an index by topic and limits for each topic. Thread-safe, except that only
 * one thread at a time may append.
 */
public interface History extends AutoCloseable {
    /** Stands for a position that is not known. */
    long UNKNOWN = -1;

    /**
     * Starts the history. Called once, before the first event.
     *
     * @param position the position before the first new event
     */
    void start(long position);

    /** Returns the position before all events that this history has ever had. Earlier ids are not known. Does not block. */
    long beginning();

    /**
     * Adds the next events, all or none of them, and completes the additions: before it returns, or later on a thread of the history. If
     * the history holds an event with the same canonical topic and the same publisher's id, an addition is a repetition. Does not block
     * on I/O.
     */
    void append(List<Addition> additions);

    /**
     * Counts everything between the newest event and a position as missing, in all topics. The position is the newest one afterwards.
     * May block on I/O.
     *
     * @throws HistoryUnavailableException if the history cannot be changed now
     */
    void lose(long upTo);

    /** Returns the position of the newest event that was added. Does not block. */
    long newest();

    /** Returns the position after which the history has all events of all topics. Does not block. */
    long completeAfter();

    /** Returns the number of events that the history has given up, also because they are too old now. Does not block. */
    long losses();

    /**
     * Returns the position of the event with this id, or {@link #UNKNOWN} if the history does not know the id, or if several events
     * have had it. May block on I/O.
     *
     * @param mayKnow whether the subscriber may find an event by the publisher's id
     * @throws HistoryUnavailableException if the history cannot be read now
     */
    long find(String id, Predicate<Event> mayKnow);

    /**
     * Returns the position after which a selection has the newest {@code count} events, or fewer if the history has fewer. May block
     * on I/O.
     *
     * @param mayReceive which of the events count
     * @throws HistoryUnavailableException if the history cannot be read now
     */
    long beforeLast(int count, Selection selection, Predicate<Event> mayReceive);

    /**
     * Prepares the reading of the events that the selectors select: finds the topics that templates match. Can be slow, but does not
     * block on I/O.
     *
     * @param after the position after which the subscriber wants events
     * @param told the number of losses that the subscriber knows about, as in {@link Query}
     */
    Selection select(SelectorSet selectors, long after, long told);

    /**
     * Reads the next events of a selection. May block on I/O. Its time is limited, so the result can be empty before the end. It is
     * also empty, after a pause, if the history cannot be read now.
     */
    Slice read(Query query);

    /** Returns the event at a position, or {@code null} if the history does not hold it or cannot be read now. May block on I/O. */
    default @Nullable Event at(long position) {
        Selection all = Selection.withoutSearch(SelectorSet.of(List.of(new TopicSelector.Any())));
        for (long after = position - 1; after < position;) {
            Slice slice = read(new Query(after, UNKNOWN, all, _ -> true, Event::size, 0));
            if (!slice.events().isEmpty()) {
                Event first = slice.events().getFirst();
                return first.position() == position ? first : null;
            }
            if (slice.upTo() <= after) {
                return null;
            }
            after = slice.upTo();
        }
        return null;
    }

    /**
     * Returns the newest event of a topic, without its frame, if it ends the topic; otherwise, the topic goes on, and this is
     * {@code null}. Does not block.
     */
    @Nullable
    Event endOf(String topic);

    /**
     * Returns the position of the last end of the topics that the selectors select, or {@link #UNKNOWN} if events can follow: a topic
     * goes on, a template or {@code *} can select new topics, or the subscriber may not receive an end. Does not block.
     */
    default long positionOfLastEnd(SelectorSet selectors, Predicate<Event> mayReceive) {
        if (selectors.any() || !selectors.templates().isEmpty()) {
            return UNKNOWN;
        }
        long last = UNKNOWN;
        for (String topic : selectors.exact()) {
            Event end = endOf(topic);
            if (end == null || !mayReceive.test(end)) {
                return UNKNOWN;
            }
            last = Math.max(last, end.position());
        }
        return last;
    }

    /**
     * Forgets all events of a topic. Afterwards, they cannot be read. May block on I/O, but not for as long as it takes to remove many
     * events.
     *
     * @return waits until the events are removed; a file can still have some of their bytes for a while
     * @throws HistoryUnavailableException if the history cannot be changed now; the returned action throws it, too
     */
    Runnable forget(String topic);

    /**
     * Replaces the limits. Blocks until the history has given up what exceeds the new ones, or will do so in small steps. Additions and
     * reads go on meanwhile.
     *
     * @throws HistoryUnavailableException if the history is closed
     */
    void apply(Limits limits);

    /** Returns why events cannot be added now, or nothing. Does not block. */
    default Optional<String> outage() {
        return Optional.empty();
    }

    /** Gives up events that are too old. Called periodically. */
    void evict();

    /** Returns what the history holds now. Takes its lock for a moment. */
    HistoryStatus status();

    /** Stops the history. Afterwards, nothing can be added. Closing again does nothing. */
    @Override
    void close();
}
