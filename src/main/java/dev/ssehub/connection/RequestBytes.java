package dev.ssehub.connection;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a connection's requests, in a form that Helidon 4.5.0 can read: it fails at an empty line before a request and at
 * HTTP/1.0, reads the line with a chunk's size into memory however long it is, and the chunk as a whole. For one thread.
 */
final class RequestBytes {
    // The bytes of a request's headers pass unchanged, except those of HTTP/1.0 and those with a whole URL in the first line. When
    // Helidon has read them, the listener calls begin() with the bytes that Helidon's reader has left over. They belong to the body
    // or to the next request, and come back from next() in the right form.

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);
    private static final String HOST = "Host: localhost\r\n";
    /** A first line with the whole URL, which every server must accept (RFC 9112, section 3.2.2). */
    private static final Pattern ABSOLUTE = Pattern.compile("^([^ \r\n]+ )https?://[^/?# \r\n]+(/?)", Pattern.CASE_INSENSITIVE);
    private static final byte[] CRLF = "\r\n".getBytes(US_ASCII);
    private static final byte[] NONE = {};

    private enum Part {
        EMPTY_LINES, HEADERS, BODY
    }

    private final Supplier<byte[]> source;
    /** The bytes of the first line and the headers that are being read. */
    private final List<byte[]> headers = new ArrayList<>();
    private Part part = Part.EMPTY_LINES;
    private boolean firstLineRead;
    private boolean isHttp10;
    /** How many bytes of a body with a length are still to come. */
    private long left;
    /** {@code null} if the body has no chunks. */
    private @Nullable ChunkedBody chunks;
    /** What is wrong with the chunks, or {@code null}. */
    private @Nullable String malformed;
    private byte[] held = NONE;
    private int from;

    /** @param source returns the next bytes of the connection; blocks until there are some */
    RequestBytes(Supplier<byte[]> source) {
        this.source = source;
    }

    /** Begins a body. After it, the next request begins. */
    void begin(byte[] next, boolean isChunked, long length) {
        headers.clear();
        held = next;
        from = 0;
        left = length;
        chunks = isChunked ? new ChunkedBody() : null;
        part = isChunked || length > 0 ? Part.BODY : Part.EMPTY_LINES;
    }

    /** From now on, returns the bytes as they are, because they are only discarded. */
    void discard() {
        chunks = null;
        malformed = null;
    }

    /**
     * Returns the next bytes, at least one. Blocks until there are some. Throws a {@link MalformedBodyException} for a wrong chunk, and
     * each time after it: Helidon swallows this exception when it reads a body on its own.
     */
    byte[] next() {
        if (malformed != null) {
            throw new MalformedBodyException(malformed);
        }
        if (chunks != null) {
            return nextChunk(chunks);
        }
        byte[] bytes = take();
        while (part == Part.EMPTY_LINES) { // RFC 9112, section 2.2
            int first = 0;
            while (first < bytes.length && (bytes[first] == '\r' || bytes[first] == '\n')) {
                first++;
            }
            part = first < bytes.length ? Part.HEADERS : Part.EMPTY_LINES;
            firstLineRead = false;
            if (part == Part.EMPTY_LINES) {
                bytes = source.get();
            } else if (first > 0) {
                bytes = Arrays.copyOfRange(bytes, first, bytes.length);
            }
        }
        return left > 0 ? ofLength(bytes) : part == Part.HEADERS ? ofHeaders(bytes) : bytes;
    }

    private byte[] ofHeaders(byte[] bytes) {
        headers.add(bytes);
        int end = firstLineRead ? -1 : endOfLine(bytes);
        if (end < 0) {
            return bytes;
        }
        firstLineRead = true;
        boolean isWhole = headers.size() == 1;
        String line = isWhole ? new String(bytes, 0, end + 1, ISO_8859_1) : received().replaceFirst("(?s)(?<=\n).*", "");
        isHttp10 = line.endsWith(" HTTP/1.0\r\n");
        if (isHttp10) {
            replaceAt(line.length() - 3, '1');
        }
        boolean isPlain = !isHttp10 && (!line.contains("://") || !ABSOLUTE.matcher(line).lookingAt());
        return isPlain || !isWhole ? bytes : understood(new String(bytes, ISO_8859_1), end + 1).getBytes(ISO_8859_1);
    }

    /**
     * Removes the host from the first line, and adds a missing Host of HTTP/1.0. Only for headers that arrived in one piece, as those
     * of health checks do: before the last header has arrived, nobody knows whether a Host is missing.
     */
    private String understood(String all, int endOfLine) {
        boolean needsHost = isHttp10 && all.contains("\r\n\r\n") && header("Host").isEmpty();
        String withHost = needsHost ? all.substring(0, endOfLine) + HOST + all.substring(endOfLine) : all;
        return ABSOLUTE.matcher(withHost).replaceFirst("$1/");
    }

    private static int endOfLine(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Helidon's reader holds the same arrays, so it sees the change. It reads the first line only when the line is complete. */
    private void replaceAt(int index, char by) {
        int start = 0;
        for (byte[] piece : headers) {
            if (index >= start && index < start + piece.length) {
                piece[index - start] = (byte) by;
            }
            start += piece.length;
        }
    }

    /** Returns whether the last request came by HTTP/1.0, whose clients do not understand chunks. */
    boolean isHttp10() {
        return isHttp10;
    }

    private String received() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        headers.forEach(all::writeBytes);
        return all.toString(ISO_8859_1).replaceFirst("(?s)(?<=\r\n\r\n).*", ""); // not the body or the next request
    }

    /** Returns a header of the request whose headers are being read. */
    Optional<String> header(String name) {
        Matcher found = Pattern.compile("\r\n" + name + ":[ \t]*([^\r\n]*)\r\n", Pattern.CASE_INSENSITIVE).matcher(received());
        return found.find() ? Optional.of(found.group(1).stripTrailing()) : Optional.empty();
    }

    private byte[] ofLength(byte[] bytes) {
        int length = (int) Math.min(left, bytes.length);
        left -= length;
        part = left > 0 ? Part.BODY : Part.EMPTY_LINES;
        if (length == bytes.length) {
            return bytes;
        }
        held = bytes;
        from = length;
        return Arrays.copyOf(bytes, length);
    }

    /** Returns one chunk with the data of all chunks in the next bytes. */
    private byte[] nextChunk(ChunkedBody body) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        while (data.size() == 0 && !body.isComplete()) {
            held = take();
            try {
                from = body.decode(held, 0, data);
            } catch (MalformedBodyException e) {
                malformed = e.sentence();
                throw e;
            }
        }
        if (body.isComplete()) {
            chunks = null;
            part = Part.EMPTY_LINES;
        }
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(data.size() + 16);
        if (data.size() > 0) {
            chunk.writeBytes((Integer.toHexString(data.size()) + "\r\n").getBytes(US_ASCII));
            chunk.writeBytes(data.toByteArray());
            chunk.writeBytes(CRLF);
        }
        if (body.isComplete()) {
            chunk.writeBytes(LAST_CHUNK);
        }
        return chunk.toByteArray();
    }

    private byte[] take() {
        byte[] bytes = from == held.length ? source.get() : from == 0 ? held : Arrays.copyOfRange(held, from, held.length);
        held = NONE;
        from = 0;
        return bytes;
    }
}
