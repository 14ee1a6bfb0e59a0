package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.CodingErrorAction.REPLACE;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Splits bytes that arrive in pieces into lines. A line ends with LF or CRLF, which the line does not include. Bytes that are not
 * UTF-8 become U+FFFD. A line that is too long is cut after a complete character and says how many bytes are missing; the
 * splitter never holds more than one such line. For one thread.
 */
final class LineSplitter {
    /** The bytes of a line that are kept. */
    static final int MAX_LINE_BYTES = 8192;

    /** Receives each line. */
    private final Consumer<String> lines;
    private final byte[] start;
    private int kept;
    private long length;
    private byte last;

    LineSplitter(Consumer<String> lines) {
        this(lines, MAX_LINE_BYTES);
    }

    LineSplitter(Consumer<String> lines, int maxLineBytes) {
        this.lines = lines;
        this.start = new byte[maxLineBytes];
    }

    /** Takes the remaining bytes of a buffer. */
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
        int fit = Math.min(count, start.length - kept);
        bytes.get(bytes.position(), start, kept, fit);
        kept += fit;
        length += count;
        bytes.position(bytes.position() + count);
        last = count == 0 ? last : bytes.get(bytes.position() - 1);
    }

    /** Ends the current line, unless it is empty. */
    void end() {
        if (length > 0) {
            endLine();
        }
    }

    private void endLine() {
        long bytes = length > 0 && last == '\r' ? length - 1 : length;
        int whole = (int) Math.min(kept, bytes);
        if (bytes > whole) {
            ByteBuffer rest = ByteBuffer.wrap(start, 0, whole);
            UTF_8.newDecoder().onMalformedInput(REPLACE).decode(rest, CharBuffer.allocate(whole), false);
            whole = rest.position(); // the decoder leaves an incomplete character
        }
        String text = new String(start, 0, whole, UTF_8);
        kept = 0;
        length = 0;
        lines.accept(bytes > whole ? text + " … (cut: " + (bytes - whole) + " more bytes)" : text);
    }
}
