package dev.ssehub.bench.load;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Parses the answer to an HTTP/1.1 request (RFC 9112) from pieces that may be cut anywhere. The caller alternates between
 * {@link #framing}, which skips the head and the sizes of chunks, and {@link #body}, which returns where the following part of the
 * body ends. Not thread-safe.
 */
final class AnswerReader {

    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_SIZE_DIGITS = 15;
    private static final int MAX_EXCERPT = 200;

    /** The part of the answer to which the next byte belongs. The states up to {@code TRAILER} read lines, the others the body. */
    private enum State {
        STATUS, HEADER, CHUNK_SIZE, CHUNK_END, TRAILER, CHUNK, LENGTH, UNTIL_CLOSE, ENDED
    }

    private final StringBuilder line = new StringBuilder();
    private State state = State.STATUS;
    private int status;
    private String reason = "";
    private String contentType = "";
    private String excerpt = "";
    private boolean chunked;
    private boolean closes;
    private long length = -1;

    /**
     * Skips bytes that do not belong to the body.
     *
     * @return the index at which the body continues, or {@code to}
     * @throws IOException if the answer is not HTTP/1.1; the message says why
     */
    int framing(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        while (i < to && state.compareTo(State.TRAILER) <= 0) {
            byte b = bytes[i++];
            if (b == '\n') {
                endLine();
            } else if (line.length() < MAX_LINE) {
                line.append((char) (b & 0xFF));
            } else {
                throw new IOException("the server's answer has a line of more than " + MAX_LINE + " bytes");
            }
        }
        return i;
    }

    /** Returns the index at which the part of the body that begins at {@code from} ends. */
    int body(byte[] bytes, int from, int to) {
        int end = switch (state) {
            case CHUNK, LENGTH -> (int) Math.min(to, from + length);
            case UNTIL_CLOSE -> to;
            default -> from;
        };
        if (status / 100 != 2 && excerpt.length() < MAX_EXCERPT) {
            excerpt += new String(bytes, from, Math.min(end - from, MAX_EXCERPT), UTF_8);
        }
        if (state == State.CHUNK || state == State.LENGTH) {
            length -= end - from;
            if (length == 0) {
                state = state == State.CHUNK ? State.CHUNK_END : State.ENDED;
            }
        }
        return end;
    }

    boolean hasHead() {
        return state != State.STATUS && state != State.HEADER;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }

    /** Returns whether the answer is complete if the server closes the connection now. */
    boolean endsWithConnection() {
        return state == State.ENDED || state == State.UNTIL_CLOSE;
    }

    /** Returns whether the server closes the connection after this answer. */
    boolean isLast() {
        return closes || state == State.UNTIL_CLOSE;
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
            case CHUNK_END -> chunkEnd();
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
        if (text.isEmpty()) {
            endHead();
            return;
        }
        int colon = text.indexOf(':');
        String name = text.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
        String value = text.substring(colon + 1).strip();
        switch (name) {
            case "content-type" -> contentType = value;
            case "transfer-encoding" -> chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
            case "connection" -> closes = !value.equalsIgnoreCase("keep-alive") && (closes || value.equalsIgnoreCase("close"));
            case "content-length" -> {
                if (!value.matches("\\d{1,18}")) {
                    throw new IOException("the server's answer has the Content-Length '" + value + "'");
                }
                length = Long.parseLong(value);
            }
            default -> {
            }
        }
    }

    private void endHead() {
        if (status / 100 == 1) {
            state = State.STATUS;
        } else if (status == 204 || status == 304) {
            state = State.ENDED;
        } else if (chunked) {
            state = State.CHUNK_SIZE;
        } else if (length < 0) {
            state = State.UNTIL_CLOSE;
        } else {
            state = length == 0 ? State.ENDED : State.LENGTH;
        }
    }

    /** Parses the size without copying the line, because this runs for each chunk. */
    private void chunkSize() throws IOException {
        int digits = 0;
        while (digits < line.length() && Character.digit(line.charAt(digits), 16) >= 0) {
            digits++;
        }
        boolean ends = digits == line.length() || "; \t".indexOf(line.charAt(digits)) >= 0; // an extension may follow
        if (digits == 0 || digits > MAX_SIZE_DIGITS || !ends) {
            throw new IOException("the server's answer has a chunk without a valid size");
        }
        length = Long.parseLong(line, 0, digits, 16);
        state = length == 0 ? State.TRAILER : State.CHUNK;
    }

    private void chunkEnd() throws IOException {
        if (!line.isEmpty()) {
            throw new IOException("the server's answer has a chunk that is longer than its size");
        }
        state = State.CHUNK_SIZE;
    }
}
