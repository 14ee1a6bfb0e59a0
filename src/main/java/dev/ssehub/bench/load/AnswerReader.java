package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Parses the answer to an HTTP/1.1 request (RFC 9112) from pieces that may be cut anywhere. The caller alternates between
 * {@link #framing}, which skips the head and the sizes of chunks, and {@link #body}, which returns where the next part of the
 * body ends. Not thread-safe.
 */
final class AnswerReader {
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_SIZE_DIGITS = 15;
    private static final int MAX_EXCERPT = 200;

    /** The part of the answer to which the next byte belongs. The states up to {@code TRAILER} read lines. */
    private enum State {
        STATUS, HEADER, CHUNK_SIZE, CHUNK_END, TRAILER, BODY, UNTIL_CLOSE, ENDED
    }

    private final StringBuilder line = new StringBuilder();
    private State state = State.STATUS;
    private int status;
    private String reason = "";
    private String contentType = "";
    private String excerpt = "";
    private boolean chunked;
    private boolean closes;
    /** The rest of the body or of a chunk, in bytes. Negative without a {@code Content-Length}. */
    private long length = -1;

    /** Returns the index at which the body continues, or {@code to}. Throws an {@link IOException} if this is not HTTP/1.1. */
    int framing(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        while (i < to && state.compareTo(State.TRAILER) <= 0) {
            byte b = bytes[i++];
            if (b == '\n') {
                endLine();
            } else {
                require(line.length() < MAX_LINE, "has a line of more than " + MAX_LINE + " bytes");
                line.append((char) (b & 0xFF));
            }
        }
        return i;
    }

    /** Returns the index at which the part of the body that begins at {@code from} ends. */
    int body(byte[] bytes, int from, int to) {
        int end = switch (state) {
            case BODY -> (int) Math.min(to, from + length);
            case UNTIL_CLOSE -> to;
            default -> from;
        };
        if (!isSuccess() && excerpt.length() < MAX_EXCERPT) {
            excerpt += new String(bytes, from, Math.min(end - from, MAX_EXCERPT), UTF_8);
        }
        length -= end - from;
        if (state == State.BODY && length == 0) {
            state = chunked ? State.CHUNK_END : State.ENDED;
        }
        return end;
    }

    boolean hasHead() {
        return state.compareTo(State.HEADER) > 0;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }

    /** Returns whether the answer is complete if the server closes the connection now. */
    boolean endsWithConnection() {
        return state == State.ENDED || state == State.UNTIL_CLOSE;
    }

    /** Returns whether the server closes the connection after this answer, which has ended. */
    boolean isLast() {
        return closes;
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    boolean isEventStream() {
        return status == 200 && contentType.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /** Returns the status with the first line of the body, or with the reason phrase if the body is empty or HTML. */
    String summary() {
        if (isSuccess()) {
            return status + " " + reason + (contentType.isEmpty() ? ", without a Content-Type" : ", Content-Type " + contentType);
        }
        String text = excerpt.strip().lines().findFirst().orElse("");
        return status + " " + (text.isEmpty() || text.startsWith("<") ? reason : text.replaceAll("\\p{Cntrl}", " "));
    }

    private void endLine() throws IOException {
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        switch (state) {
            case STATUS -> statusLine(line.toString());
            case HEADER -> header(line.toString());
            case CHUNK_SIZE -> chunkSize();
            case CHUNK_END -> {
                require(line.isEmpty(), "has a chunk that is longer than its size");
                state = State.CHUNK_SIZE;
            }
            default -> state = line.isEmpty() ? State.ENDED : State.TRAILER;
        }
        line.setLength(0);
    }

    private void statusLine(String text) throws IOException {
        if (!text.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException("the server does not answer in HTTP/1.1");
        }
        closes = text.startsWith("HTTP/1.0");
        status = Integer.parseInt(text, 9, 12, 10);
        reason = text.substring(12).strip();
        state = State.HEADER;
    }

    private void header(String text) throws IOException {
        int colon = text.indexOf(':');
        String value = text.substring(colon + 1).strip();
        switch (text.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT)) {
            case "content-type" -> contentType = value;
            case "transfer-encoding" -> chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
            case "connection" -> closes = !value.equalsIgnoreCase("keep-alive") && (closes || value.equalsIgnoreCase("close"));
            case "content-length" -> {
                require(value.matches("\\d{1,18}"), "has the Content-Length '" + value + "'");
                length = Long.parseLong(value);
            }
            default -> state = text.isEmpty() ? afterHead() : State.HEADER;
        }
    }

    private State afterHead() {
        boolean empty = status == 204 || status == 304 || (length == 0 && !chunked);
        State body = chunked ? State.CHUNK_SIZE : length < 0 ? State.UNTIL_CLOSE : State.BODY;
        return status / 100 == 1 ? State.STATUS : empty ? State.ENDED : body;
    }

    /** Parses the size without copying the line, because this runs for each chunk. */
    private void chunkSize() throws IOException {
        int digits = 0;
        while (digits < line.length() && Character.digit(line.charAt(digits), 16) >= 0) {
            digits++;
        }
        boolean ends = digits == line.length() || "; \t".indexOf(line.charAt(digits)) >= 0; // an extension may follow
        require(digits > 0 && digits <= MAX_SIZE_DIGITS && ends, "has a chunk without a valid size");
        length = Long.parseLong(line, 0, digits, 16);
        state = length == 0 ? State.TRAILER : State.BODY;
    }

    private static void require(boolean condition, String problem) throws IOException {
        if (!condition) {
            throw new IOException("the server's answer " + problem);
        }
    }
}
