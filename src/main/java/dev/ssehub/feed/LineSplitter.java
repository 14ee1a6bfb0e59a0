package dev.ssehub.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Makes lines of bytes that come in pieces. A line ends with LF or CRLF, which are no part of it. What is not UTF-8 becomes
 * U+FFFD. A line that is too long is cut after a whole character, and says how much is missing; nothing of the rest is held.
 * Not for more than one thread.
 */
final class LineSplitter {

    /** So many bytes of a line are kept. */
    static final int MAX_LINE_BYTES = 8192;

    private final Consumer<String> lines;
    private final byte[] start;
    private int kept;
    private long length;
    private byte last;

    /** @param lines gets each line */
    LineSplitter(Consumer<String> lines) {
        this(lines, MAX_LINE_BYTES);
    }

    LineSplitter(Consumer<String> lines, int maxLineBytes) {
        this.lines = lines;
        this.start = new byte[maxLineBytes];
    }

    /** Takes all that remains in a buffer. */
    void add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int newline = bytes.position();
            while (newline < bytes.limit() && bytes.get(newline) != '\n') {
                newline++;
            }
            addToLine(bytes, newline - bytes.position());
            if (bytes.hasRemaining()) {
                bytes.position(newline + 1);
                endLine();
            }
        }
    }

    private void addToLine(ByteBuffer bytes, int count) {
        if (count == 0) {
            return;
        }
        int fit = Math.min(count, start.length - kept);
        bytes.get(bytes.position(), start, kept, fit);
        kept += fit;
        length += count;
        bytes.position(bytes.position() + count);
        last = bytes.get(bytes.position() - 1);
    }

    /** What has come since the last newline, if anything, is a line. */
    void end() {
        if (length > 0) {
            endLine();
        }
    }

    private void endLine() {
        long bytes = length > 0 && last == '\r' ? length - 1 : length;
        int whole = (int) Math.min(kept, bytes);
        if (bytes > whole) {
            whole -= incomplete(start, whole);
        }
        String text = new String(start, 0, whole, UTF_8);
        kept = 0;
        length = 0;
        lines.accept(bytes > whole ? text + " … (cut: " + (bytes - whole) + " more bytes)" : text);
    }

    /** How many bytes at the end of these begin a character whose others are not there. */
    private static int incomplete(byte[] bytes, int end) {
        for (int have = 1; have <= 3 && have <= end; have++) {
            int b = bytes[end - have] & 0xFF;
            if (b >= 0xC2 && b <= 0xF4) {
                int needed = b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
                return have < needed ? have : 0;
            }
            if (b < 0x80 || b > 0xBF) {
                return 0;
            }
        }
        return 0;
    }
}
