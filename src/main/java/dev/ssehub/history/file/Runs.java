package dev.ssehub.history.file;

import module java.base;

/**
 * The starts of the hub: for each, the newest position before it, and its own position. The file has never had a position between
 * them. Thread-safe.
 */
final class Runs {
    private final NavigableMap<Long, Long> starts = new ConcurrentSkipListMap<>();

    /** Takes over the starts of earlier hubs, see {@link LogReader#runs}. */
    void restore(Map<Long, Long> before) {
        starts.putAll(before);
    }

    /** Adds the start of this hub. */
    void add(long newest, long position) {
        starts.put(newest, position);
    }

    /** Returns the start of this hub: the newest position before it, and its own position. */
    Map.Entry<Long, Long> last() {
        return starts.lastEntry();
    }

    /** Returns whether no start has left the position out. */
    boolean include(long position) {
        Map.Entry<Long, Long> run = starts.lowerEntry(position);
        return run == null || position >= run.getValue();
    }
}
