package dev.ssehub.history;

import module java.base;

/**
 * The places in the order of events where this node has missed some that other nodes had. A read ends before such a place, so that
 * the next one begins there and the subscriber is told about it at the right place. Guarded by the lock of the history.
 */
public final class Holes {
    private static final int MAX = 1_000;
    /** How the mark of a hole begins. No rule begins like this. */
    private static final String MARK = "\n";

    private final NavigableSet<Long> positions = new TreeSet<>();
    /** What holds for the oldest holes together, when there are too many: a reader of events before it is told at once. */
    private final Rule.Loss older = new Rule.Loss();

    /** Adds a hole: all events between the one before and this position are missing. */
    void add(long position, long number) {
        positions.add(position);
        if (positions.size() > MAX) {
            older.add(Objects.requireNonNull(positions.pollFirst()), number);
        }
    }

    /** Adds a mark of each hole to those of the rules, for a file. */
    public void addTo(Map<String, Long> marks) {
        positions.forEach(position -> marks.put(MARK + position, position));
        if (older.position() > 0) {
            marks.put(MARK + older.position(), older.position());
        }
    }

    /** Takes over the marks that the file has, and removes them. */
    public void takeFrom(Map<String, Long> marks) {
        marks.entrySet().stream().filter(mark -> mark.getKey().startsWith(MARK)).map(Map.Entry::getValue).sorted()
                .forEach(position -> add(position, 0));
        marks.keySet().removeIf(mark -> mark.startsWith(MARK));
    }

    /** Returns the position up to which a read may go. */
    public long end(long after, long newest) {
        Long next = positions.ceiling(after + 2);
        return next == null ? newest : Math.min(newest, next - 1);
    }

    /** Returns the position of the hole with which a read begins, or 0. */
    long at(long after) {
        return positions.contains(after + 1) ? after + 1 : 0;
    }

    /** Returns whether some of the events after a position are missing. */
    boolean areAfter(long position) {
        return !positions.isEmpty() && positions.last() > position;
    }

    /** Returns the newest of the oldest holes if it matters to a subscriber, or 0. */
    long older(long after, long told) {
        return older.after(after, told);
    }
}
