package dev.ssehub.bench.load;

import module java.base;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Finds the events of an event stream (WHATWG HTML 9.2.6) and their stamps, from pieces that may be cut anywhere. Allocates nothing
 * while it parses. Not thread-safe.
 */
final class StreamParser {

    private static final int FIELD = 0; // the name of a field; an empty line if nothing follows
    private static final int FIELD_AFTER_CR = 1; // a line feed here still belongs to the previous line
    private static final int SEARCH = 2; // for the stamp, in a line of data
    private static final int NUMBER = 3;
    private static final int NANOS = 4;
    private static final int REST = 5; // of a line, to be skipped

    /** The byte order mark, which may precede the first line, and the beginning of a line of data. */
    private static final byte[] START = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, 'd', 'a', 't', 'a', ':'};
    private static final int AFTER_MARK = 3;
    private static final int BEFORE_COLON = START.length - 1;
    private static final int MAX_DIGITS = 18;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long EACH_BYTE = 0x0101010101010101L;

    private final byte[] prefix;
    private int state = FIELD;
    /** The number of bytes of {@link #START} or, during the search, of the prefix that the last bytes match. */
    private int matched;
    private int digits;
    private long value;
    private boolean hasData;
    private boolean dispatched;
    private boolean stamped;
    private long number;
    private long nanos;

    /** @param prefix the beginning of the stamps; its first byte must occur only once in it */
    StreamParser(String prefix) {
        this.prefix = prefix.getBytes(US_ASCII);
    }

    /**
     * Parses until an event is complete, see {@link #dispatched}, or all bytes are parsed.
     *
     * @return the index at which to continue
     */
    int next(byte[] bytes, int from, int to) {
        stamped = stamped && !dispatched;
        dispatched = false;
        int i = from;
        while (i < to && !dispatched) {
            if (state == REST) {
                i = endOfLine(bytes, i, to);
                if (i == to) {
                    return to;
                }
            }
            byte b = bytes[i++];
            if (b == '\n' || b == '\r') {
                endLine(b);
            } else {
                state = inLine(b);
            }
        }
        return i;
    }

    /** Returns whether {@link #next} has completed an event. */
    boolean dispatched() {
        return dispatched;
    }

    /** Returns whether that event has a stamp, which contains {@link #number} and {@link #nanos}. */
    boolean stamped() {
        return stamped;
    }

    long number() {
        return number;
    }

    /** Returns the due time of the event. */
    long nanos() {
        return nanos;
    }

    private void endLine(byte b) {
        boolean secondHalf = state == FIELD_AFTER_CR && b == '\n';
        if (state <= FIELD_AFTER_CR && !secondHalf) {
            if (matched == 0 || matched == AFTER_MARK) {
                dispatched = hasData;
                hasData = false;
            } else if (matched == BEFORE_COLON) {
                hasData = true; // a line without a colon is a field without a value
            }
        }
        matched = AFTER_MARK;
        state = b == '\r' ? FIELD_AFTER_CR : FIELD;
    }

    private int inLine(byte b) {
        return switch (state) {
            case FIELD, FIELD_AFTER_CR -> field(b);
            case SEARCH -> search(b);
            default -> digit(b);
        };
    }

    private int field(byte b) {
        int at = matched == 0 && b != START[0] ? AFTER_MARK : matched;
        if (b != START[at]) {
            return REST;
        }
        matched = at + 1;
        if (at < BEFORE_COLON) {
            return FIELD;
        }
        hasData = true;
        matched = 0;
        return stamped ? REST : SEARCH; // only the first stamp of an event counts
    }

    private int search(byte b) {
        if (b != prefix[matched]) {
            matched = b == prefix[0] ? 1 : 0;
            return SEARCH;
        }
        matched++;
        value = 0;
        digits = 0;
        return matched < prefix.length ? SEARCH : NUMBER;
    }

    private int digit(byte b) {
        if (b >= '0' && b <= '9' && digits < MAX_DIGITS) {
            value = 10 * value + (b - '0');
            digits++;
            return state;
        }
        if (b != ':' || digits == 0) {
            matched = 0;
            return search(b);
        }
        stamped = state == NANOS;
        number = stamped ? number : value;
        nanos = value;
        value = 0;
        digits = 0;
        return stamped ? REST : NANOS;
    }

    /** Returns the index of the next line feed or carriage return, or {@code to}. Tests eight bytes at a time. */
    private static int endOfLine(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, i);
            long found = zeros(eight ^ EACH_BYTE * '\n') | zeros(eight ^ EACH_BYTE * '\r');
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (i < to && bytes[i] != '\n' && bytes[i] != '\r') {
            i++;
        }
        return i;
    }

    /** Returns a value whose lowest set bit is the high bit of the lowest zero byte, or 0 if no byte is zero. */
    private static long zeros(long eight) {
        return (eight - EACH_BYTE) & ~eight & (EACH_BYTE << 7);
    }
}
