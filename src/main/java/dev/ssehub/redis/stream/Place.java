package dev.ssehub.redis.stream;

import dev.ssehub.event.HubId;

/** Converts places to positions and back. The comment of this package explains both words. */
final class Place {
    private static final long LAST = (1L << HubId.LOCAL_BITS) - 1;

    private Place() {}

    /** Returns the place to which a position belongs. */
    static long of(long position) {
        return position >> HubId.LOCAL_BITS;
    }

    /** Returns the position of the entry at a place. */
    static long position(long place) {
        return place << HubId.LOCAL_BITS;
    }

    /** Returns how many positions are left for events of this node before the next place. */
    static long left(long position) {
        return LAST - (position & LAST);
    }

    /** Returns the id of the entry at a place. */
    static String id(long place) {
        return HubId.text(position(place));
    }
}
