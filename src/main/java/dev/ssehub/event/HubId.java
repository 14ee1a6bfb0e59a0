package dev.ssehub.event;

import module java.base;

/**
 * The ids that the hub gives to events: {@code <epoch milliseconds>-<sequence>}. As a number, an id is the position of its event in
 * the order of all events.
 */
public final class HubId {
    /** Stands for a text that is not an id of the hub. */
    public static final long NONE = -1;
    /** The greatest sequence number of a millisecond. */
    public static final long MAX_SEQUENCE = (1 << 20) - 1;

    /** The positions of events that all nodes have are multiples of 2 to the power of this. Those in between are for each node's own. */
    public static final int LOCAL_BITS = 10;

    private static final int SEQUENCE_BITS = 20;
    /** The milliseconds fit into the other bits of a positive number until the year 2248. */
    private static final long MAX_MILLIS = Long.MAX_VALUE >> SEQUENCE_BITS;
    private static final int MAX_LENGTH = text(Long.MAX_VALUE).length();
    private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]*)-(0|[1-9][0-9]*)");

    private HubId() {}

    /** Returns whether all nodes have the event of this position. The positions in between are those of a node's own events. */
    public static boolean isShared(long position) {
        return position >> LOCAL_BITS << LOCAL_BITS == position;
    }

    /** Returns the position of a place in a millisecond. Both numbers are within their limits. */
    public static long position(long millis, long sequence) {
        return millis << SEQUENCE_BITS | sequence;
    }

    /** Returns the epoch milliseconds of a position. */
    public static long millis(long position) {
        return position >> SEQUENCE_BITS;
    }

    /** Returns the sequence number of a position within its millisecond. */
    public static long sequence(long position) {
        return position & MAX_SEQUENCE;
    }

    /** Returns the id of a position. */
    public static String text(long position) {
        return millis(position) + "-" + sequence(position);
    }

    /** Returns the position of an id, or {@link #NONE} if the hub cannot have given this id. */
    public static long parse(String id) {
        Matcher matcher = FORM.matcher(id);
        if (id.length() > MAX_LENGTH || !matcher.matches()) {
            return NONE;
        }
        long millis = Long.parseLong(matcher.group(1));
        long sequence = Long.parseLong(matcher.group(2));
        return millis <= MAX_MILLIS && sequence <= MAX_SEQUENCE ? position(millis, sequence) : NONE;
    }
}
