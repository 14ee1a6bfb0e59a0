package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;

/**
 * The result of one read.
 *
 * @param lost the position of the newest event that the subscriber has missed for good and was not told about; 0 if it has missed nothing
 * @param told the number of losses that the subscriber knows about if it is told this one
 * @param events the next events, oldest first
 * @param upTo the position up to which there are no more events that the subscriber wants
 * @param atEnd whether {@code upTo} was the newest position
 */
public record Slice(long lost, long told, List<Event> events, long upTo, boolean atEnd) {}
