package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Finds the blocks of an event stream, whose bytes may arrive in any pieces (WHATWG HTML 9.2.6). Bytes that are not UTF-8 become U+FFFD.
 * A block that the stream does not complete is never returned. Holds a block and a line at most. For one thread.
 *
 * <p>
 * Drops what is wrong and goes on, as a client must. {@code publish.EventStreamParser} refuses it, because a publisher must learn of it.
 */
public final class EventDecoder {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    /** The longest name of a field. */
    private static final int LONGEST_NAME = "event".length();
    /** The most digits of a reconnection time. */
    private static final int MOST_DIGITS = 15;

    private final int maxSize;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private boolean lineIsTooLong;
    private boolean isFirstLine = true;
    private boolean afterCarriageReturn;
    private boolean hasData;
    private boolean isTooLarge;
    private boolean isEmpty = true;
    private @Nullable String type;
    private @Nullable String id;
    private @Nullable Long retryMillis;

    /**
     * The fields of a block. A browser dispatches an event only if the block has data.
     *
     * @param data the lines of the data, joined by LF; {@code null} if the block has no data, or is too large
     * @param type the type of the event; {@code null} if it has none, which stands for {@code message}
     * @param id the id in this block, which may be empty; {@code null} if it has none. A browser would go on with that of an earlier block
     * @param retryMillis the new reconnection time; {@code null} to leave it unchanged
     * @param isTooLarge whether the type, a line of data, or all data together was longer than the decoder allows
     */
    public record Block(@Nullable String data, @Nullable String type, @Nullable String id, @Nullable Long retryMillis,
            boolean isTooLarge) {}

    /** @param maxSize the most bytes of the data of a block, and of each line */
    public EventDecoder(int maxSize) {
        this.maxSize = maxSize;
    }

    /** Takes bytes up to the end of the next block that has a field, and returns it; {@code null} if all bytes are taken before. */
    public @Nullable Block next(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int start = bytes.position();
            int end = endOfLine(bytes);
            if (end == start && end < bytes.limit() && bytes.get(end) == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false; // the second half of a CRLF
                bytes.position(end + 1);
                continue;
            }
            add(bytes, end - start);
            afterCarriageReturn = false;
            if (bytes.hasRemaining()) {
                afterCarriageReturn = bytes.get() == '\r';
                if (endLine()) {
                    return endBlock();
                }
            }
        }
        return null;
    }

    private static int endOfLine(ByteBuffer bytes) {
        int i = bytes.position();
        while (i < bytes.limit() && bytes.get(i) != '\n' && bytes.get(i) != '\r') {
            i++;
        }
        return i;
    }

    private void add(ByteBuffer bytes, int count) {
        int fit = Math.min(count, maxSize + LONGEST_NAME + BYTE_ORDER_MARK.length + ": ".length() - line.size());
        byte[] part = new byte[fit];
        bytes.get(part).position(bytes.position() + count - fit);
        line.writeBytes(part);
        lineIsTooLong |= fit < count;
    }

    /** Returns whether the line has ended a block that has a field. */
    private boolean endLine() {
        byte[] bytes = line.toByteArray();
        int start = isFirstLine && bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3) ? 3 : 0;
        boolean isCut = lineIsTooLong;
        line.reset();
        lineIsTooLong = false;
        isFirstLine = false;
        if (bytes.length == start) {
            return !isEmpty;
        }
        int colon = start;
        while (colon < bytes.length && bytes[colon] != ':') {
            colon++;
        }
        if (colon > start && colon - start <= LONGEST_NAME) {
            int value = colon + 1 < bytes.length && bytes[colon + 1] == ' ' ? colon + 2 : Math.min(colon + 1, bytes.length);
            field(new String(bytes, start, colon - start, UTF_8), bytes, value, isCut || bytes.length - value > maxSize);
        }
        return false;
    }

    private void field(String name, byte[] bytes, int start, boolean isCut) {
        switch (name) {
            case "data" -> addData(bytes, start, isCut);
            case "event" -> {
                isEmpty = false;
                isTooLarge |= isCut;
                type = start == bytes.length ? null : text(bytes, start);
            }
            case "id" -> {
                String text = text(bytes, start);
                if (text.indexOf('\0') < 0 && !isCut) {
                    isEmpty = false;
                    id = text;
                }
            }
            case "retry" -> {
                String text = text(bytes, start);
                if (!text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    isEmpty = false;
                    retryMillis = Long.valueOf(text);
                }
            }
            default -> {
                // WHATWG HTML 9.2.6: all other fields are ignored
            }
        }
    }

    private static String text(byte[] bytes, int start) {
        return new String(bytes, start, bytes.length - start, UTF_8);
    }

    private void addData(byte[] bytes, int start, boolean isCut) {
        isEmpty = false;
        int size = (hasData ? 1 : 0) + bytes.length - start;
        isTooLarge |= isCut || data.size() + size > maxSize;
        if (isTooLarge) {
            data.reset();
        } else {
            if (hasData) {
                data.write('\n');
            }
            data.write(bytes, start, bytes.length - start);
        }
        hasData = true;
    }

    private Block endBlock() {
        Block block = new Block(hasData && !isTooLarge ? data.toString(UTF_8) : null, type, id, retryMillis, isTooLarge);
        data.reset();
        hasData = false;
        isTooLarge = false;
        isEmpty = true;
        type = null;
        id = null;
        retryMillis = null;
        return block;
    }
}
