package dev.ssehub.bench.load;

import module java.base;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Finds the events of an event stream (WHATWG HTML 9.2.6) and their stamps, from pieces that may be cut anywhere. Allocates
 * nothing while it parses. Not thread-safe.
 */
final class StreamParser {
    private static final int BEGINNING = 0; // of the stream, which may start with a byte order mark
    private static final int MARK_1 = 1;
    private static final int MARK_2 = 2;
    private static final int LINE = 3; // at the beginning of a line
    private static final int LINE_AFTER_CR = 4; // a line feed here still belongs to the previous line
    private static final int D = 5;
    private static final int DA = 6;
    private static final int DAT = 7;
    private static final int DATA = 8;
    private static final int SEARCH = 9; // for the stamp, in a line of data
    private static final int NUMBER = 10;
    private static final int NANOS = 11;
    private static final int REST = 12; // of a line, to be skipped

    private static final int MAX_DIGITS = 18;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long EACH_BYTE = 0x0101010101010101L;

    private final byte[] prefix;
    private int state = BEGINNING;
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

    /** Parses until an event is complete (see {@link #dispatched}) or all bytes are parsed. Returns where to continue. */
    int next(byte[] bytes, int from, int to) {
        stamped = stamped && !dispatched;
        dispatched = false;
        int i = from;
        while (i < to) {
            if (state == REST) {
                i = endOfLine(bytes, i, to);
                if (i == to) {
                    return to;
                }
            }
            byte b = bytes[i++];
            if (b == '\n' || b == '\r') {
                endLine(b);
                if (dispatched) {
                    return i;
                }
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
        boolean secondHalf = state == LINE_AFTER_CR && b == '\n';
        if (!secondHalf && (state == LINE || state == LINE_AFTER_CR || state == BEGINNING)) {
            dispatched = hasData;
            hasData = false;
        } else if (state == DATA) {
            hasData = true; // a line without a colon is a field without a value
        }
        state = b == '\r' ? LINE_AFTER_CR : LINE;
    }

    private int inLine(byte b) {
        return switch (state) {
            case BEGINNING -> b == (byte) 0xEF ? MARK_1 : b == 'd' ? D : REST;
            case MARK_1 -> b == (byte) 0xBB ? MARK_2 : REST;
            case MARK_2 -> b == (byte) 0xBF ? LINE : REST;
            case LINE, LINE_AFTER_CR -> b == 'd' ? D : REST;
            case D -> b == 'a' ? DA : REST;
            case DA -> b == 't' ? DAT : REST;
            case DAT -> b == 'a' ? DATA : REST;
            case DATA -> b == ':' ? value() : REST;
            case SEARCH -> search(b);
            default -> digit(b);
        };
    }

    /** Begins a line's value. Only the first stamp of an event counts. */
    private int value() {
        hasData = true;
        matched = 0;
        return stamped ? REST : SEARCH;
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

    private int search(byte b) {
        if (b != prefix[matched]) {
            matched = b == prefix[0] ? 1 : 0;
            return SEARCH;
        }
        matched++;
        if (matched < prefix.length) {
            return SEARCH;
        }
        value = 0;
        digits = 0;
        return NUMBER;
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
