package dev.ssehub.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Locale;

/**
 * Takes the answer to an HTTP/1.1 request apart as it comes, in pieces that may be cut anywhere: {@link #framing} passes over
 * the head and the sizes of chunks, {@link #body} says how far the body goes from there; the two are called in turn. Not safe
 * for use by several threads.
 */
final class AnswerReader {

    private static final int MAX_LINE = 16 * 1024;
    private static final long MAX_CHUNK = 1L << 40;
    private static final int MAX_SENTENCE = 200;

    private enum State {
        STATUS, HEADER, CHUNK_SIZE, CHUNK_EXTENSION, CHUNK, CHUNK_END, TRAILER, LENGTH, UNTIL_CLOSE, ENDED
    }

    private final StringBuilder line = new StringBuilder();
    private State state = State.STATUS;
    private int status;
    private String reason = "";
    private String contentType = "";
    private String excerpt = "";
    private boolean chunked;
    private boolean lastOne;
    private long length = -1;

    /**
     * Passes over what does not belong to the body.
     *
     * @return where the body goes on, or the end of the bytes
     * @throws IOException if this is not HTTP/1.1; the message says why
     */
    int framing(byte[] bytes, int from, int to) throws IOException {
        int i = from;
        while (i < to) {
            switch (state) {
                case STATUS, HEADER, TRAILER -> add(bytes[i++]);
                case CHUNK_SIZE -> chunkSize(bytes[i++]);
                case CHUNK_EXTENSION -> {
                    if (bytes[i++] == '\n') {
                        beginChunk();
                    }
                }
                case CHUNK_END -> endChunk(bytes[i++]);
                case CHUNK, LENGTH, UNTIL_CLOSE, ENDED -> {
                    return i;
                }
            }
        }
        return i;
    }

    /** Where the part of the body ends that begins here. */
    int body(byte[] bytes, int from, int to) {
        int end = switch (state) {
            case CHUNK, LENGTH -> (int) Math.min(to, from + length);
            case UNTIL_CLOSE -> to;
            default -> from;
        };
        if (status / 100 != 2 && excerpt.length() < MAX_SENTENCE) {
            excerpt += new String(bytes, from, Math.min(end - from, MAX_SENTENCE), UTF_8);
        }
        if (state == State.CHUNK || state == State.LENGTH) {
            length -= end - from;
            if (length == 0) {
                state = state == State.CHUNK ? State.CHUNK_END : State.ENDED;
            }
        }
        return end;
    }

    /** Whether the head is complete. */
    boolean hasHead() {
        return state != State.STATUS && state != State.HEADER;
    }

    /** Whether the answer is complete. */
    boolean hasEnded() {
        return state == State.ENDED;
    }

    /** Whether the answer is complete when the connection is closed now. */
    boolean endsWithConnection() {
        return state == State.ENDED || state == State.UNTIL_CLOSE;
    }

    /** Whether the server closes the connection after this answer. */
    boolean isLast() {
        return lastOne || state == State.UNTIL_CLOSE;
    }

    boolean isSuccess() {
        return status / 100 == 2;
    }

    boolean isEventStream() {
        return status == 200 && contentType.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /** What the server said: the status, and a sentence from the body or the reason phrase. */
    String sentence() {
        if (isSuccess()) {
            return status + " " + reason + (contentType.isEmpty() ? ", without a Content-Type" : ", Content-Type " + contentType);
        }
        String text = excerpt.strip().lines().findFirst().orElse("");
        return status + " " + (text.isEmpty() || text.startsWith("<") ? reason : text.replaceAll("\\p{Cntrl}", " "));
    }

    private void add(byte b) throws IOException {
        if (b != '\n') {
            if (line.length() == MAX_LINE) {
                throw new IOException("the server's answer has a line of more than " + MAX_LINE + " bytes");
            }
            line.append((char) (b & 0xFF));
            return;
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        String text = line.toString();
        line.setLength(0);
        switch (state) {
            case STATUS -> statusLine(text);
            case HEADER -> header(text);
            default -> state = text.isEmpty() ? State.ENDED : State.TRAILER;
        }
    }

    private void statusLine(String text) throws IOException {
        if (!text.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException("the server does not answer in HTTP/1.1");
        }
        lastOne = text.startsWith("HTTP/1.0");
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
            case "connection" -> lastOne = !value.equalsIgnoreCase("keep-alive") && (lastOne || value.equalsIgnoreCase("close"));
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
            length = -1;
            state = State.CHUNK_SIZE;
        } else if (length < 0) {
            state = State.UNTIL_CLOSE;
        } else {
            state = length == 0 ? State.ENDED : State.LENGTH;
        }
    }

    private void chunkSize(byte b) throws IOException {
        int digit = Character.digit(b, 16);
        if (digit >= 0 && length < MAX_CHUNK) {
            length = 16 * Math.max(0, length) + digit;
        } else if (b == '\n' && length >= 0) {
            beginChunk();
        } else if ((b == '\r' || b == ';' || b == ' ' || b == '\t') && length >= 0) {
            state = State.CHUNK_EXTENSION;
        } else {
            throw new IOException("the server's answer has a chunk without a proper size");
        }
    }

    private void beginChunk() {
        state = length == 0 ? State.TRAILER : State.CHUNK;
    }

    private void endChunk(byte b) throws IOException {
        if (b == '\n') {
            length = -1;
            state = State.CHUNK_SIZE;
        } else if (b != '\r') {
            throw new IOException("the server's answer has a chunk that is longer than its size");
        }
    }
}
