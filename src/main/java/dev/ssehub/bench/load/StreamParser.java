package dev.ssehub.bench.load;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Finds the events of an event stream and the stamps in them, in pieces that may be cut anywhere. It holds a few numbers and
 * no text, and allocates nothing. Not safe for use by several threads.
 */
final class StreamParser {

    private static final int BEGINNING = 0; // of the stream, where a byte order mark may be
    private static final int MARK_1 = 1;
    private static final int MARK_2 = 2;
    private static final int LINE = 3; // at the beginning of a line
    private static final int LINE_AFTER_CR = 4; // likewise, but a line feed still belongs to the line before
    private static final int D = 5;
    private static final int DA = 6;
    private static final int DAT = 7;
    private static final int DATA = 8;
    private static final int SEARCH = 9; // in a line of data, for the stamp
    private static final int NUMBER = 10;
    private static final int NANOS = 11;
    private static final int REST = 12; // of a line that is of no interest

    private static final int MAX_DIGITS = 18;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long EACH_BYTE = 0x0101010101010101L;

    private final byte[] prefix;
    private int state = BEGINNING;
    private int matched;
    private int digits;
    private boolean hasData;
    private boolean hasStamp;
    private long number;
    private long nanos;

    private boolean dispatched;
    private boolean stamped;

    /** Looks for stamps with this prefix, the first byte of which is nowhere else in it. */
    StreamParser(byte[] prefix) {
        this.prefix = prefix;
    }

    /**
     * Reads on until an event is complete or there are no more bytes, see {@link #dispatched}.
     *
     * @return where to go on
     */
    int next(byte[] bytes, int from, int to) {
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

    /** Whether {@link #next} has stopped because an event was complete. */
    boolean dispatched() {
        return dispatched;
    }

    /** Whether that event has a stamp. */
    boolean stamped() {
        return stamped;
    }

    /** The number in its stamp. */
    long number() {
        return number;
    }

    /** When it was due, as its stamp says. */
    long nanos() {
        return nanos;
    }

    private void endLine(byte b) {
        boolean secondHalf = state == LINE_AFTER_CR && b == '\n';
        if (!secondHalf && (state == LINE || state == LINE_AFTER_CR || state == BEGINNING)) {
            dispatched = hasData;
            stamped = hasStamp;
            hasData = false;
            hasStamp = false;
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
            case NUMBER -> {
                if (isDigit(b) && digits < MAX_DIGITS) {
                    number = 10 * number + (b - '0');
                    digits++;
                    yield NUMBER;
                }
                if (b == ':' && digits > 0) {
                    nanos = 0;
                    digits = 0;
                    yield NANOS;
                }
                yield searchAgain(b);
            }
            case NANOS -> {
                if (isDigit(b) && digits < MAX_DIGITS) {
                    nanos = 10 * nanos + (b - '0');
                    digits++;
                    yield NANOS;
                }
                if (b == ':' && digits > 0) {
                    hasStamp = true;
                    yield REST;
                }
                yield searchAgain(b);
            }
            default -> throw new IllegalStateException("state " + state);
        };
    }

    /** An event has one stamp, the first. */
    private int value() {
        hasData = true;
        matched = 0;
        return hasStamp ? REST : SEARCH;
    }

    private int searchAgain(byte b) {
        matched = 0;
        return search(b);
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
        number = 0;
        digits = 0;
        return NUMBER;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Where the next line feed or carriage return is, looking at eight bytes at a time. */
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

    /** The high bit of the lowest byte that is zero, and of some above it. */
    private static long zeros(long eight) {
        return (eight - EACH_BYTE) & ~eight & (EACH_BYTE << 7);
    }
}
