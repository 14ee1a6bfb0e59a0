package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;

/**
 * What a subscriber wants from the history.
 *
 * @param after the position after which it wants events
 * @param told the number of losses of the history that the subscriber knows about, or -1 if it must be told about all
 * @param selection how to find the events, from {@link History#select}
 * @param mayReceive whether the subscriber may receive an event
 * @param size the size of an event in bytes, as it is sent to the subscriber
 * @param maxSize the most bytes of the result, but one event always fits
 */
public record Query(long after, long told, Selection selection, Predicate<Event> mayReceive, ToIntFunction<Event> size,
        int maxSize) {}
