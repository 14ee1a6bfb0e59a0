package dev.ssehub.metrics;

import module java.base;

/**
 * What a history holds at one moment, and what it has given up so far. An event counts in each of its topics.
 *
 * @param topics the number of topics that have a past
 * @param bytes the size of the events: frames and topics
 * @param ageMillis the age of the oldest event in milliseconds; 0 if the history is empty
 * @param evicted the number of events that were given up for each reason
 * @param takesEvents whether the last event could be stored
 */
public record HistoryStatus(int topics, long events, long bytes, long ageMillis, Map<EvictionReason, Long> evicted,
        boolean takesEvents) {}
