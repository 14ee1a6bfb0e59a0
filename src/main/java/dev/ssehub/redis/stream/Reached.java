package dev.ssehub.redis.stream;

import module java.base;

/** How far this node has read the stream. One thread at a time changes it; any thread may read it and wait. */
final class Reached {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LongAccumulator known;
    private volatile long place;
    private volatile String id;
    private volatile long number;

    /** Starts after a place. */
    Reached(long place) {
        this.known = new LongAccumulator(Math::max, place);
        this.place = place;
        this.id = Place.id(place);
    }

    /** Returns the place up to which all entries were handled. */
    long place() {
        return place;
    }

    /** Returns the id after which to read on. */
    String id() {
        return id;
    }

    /** Returns the number of the newest entry that was handled, or 0 if it is not known. */
    long number() {
        return number;
    }

    /** Takes the place of an item of this node, which Redis has just added. */
    void know(long given) {
        known.accumulate(given);
    }

    /** Returns the newest place that this node knows: of an entry that it has read or sent. */
    long known() {
        return known.get();
    }

    /** Records that an entry was handled. */
    void handled(Entry entry) {
        boolean isOurs = !(entry.content() instanceof Entry.Foreign);
        known.accumulate(entry.place()); // also of a foreign one, because this node reads on after it
        move(isOurs ? entry.place() : place, entry.id(), entry.number() == 0 ? number : entry.number());
    }

    /** Records that the entries up to a place are missing. */
    void skipTo(long missing) {
        move(missing, Place.id(missing), number);
    }

    /**
     * Records that the stream has no entry after the last one that was handled.
     *
     * @param count the number of the newest entry of the stream
     */
    void atEnd(long count) {
        move(place, id, Math.max(number, count));
    }

    private void move(long toPlace, String toId, long toNumber) {
        lock.lock();
        try {
            place = toPlace;
            id = toId;
            number = toNumber;
            known.accumulate(toPlace);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the entry with this number was handled. Returns false if that takes too long, or the thread is
     * interrupted.
     */
    boolean await(long count, Duration limit) {
        lock.lock();
        try {
            long left = limit.toNanos();
            while (number < count && left > 0) {
                left = changed.awaitNanos(left);
            }
            return number >= count;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
