package dev.ssehub.event;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * Encodes events and comments for a {@code text/event-stream} (WHATWG HTML 9.2.5 and 9.2.6): UTF-8, LF only, one field per line
 * with one space after the colon. The frame of an event ends with an empty line, and a comment can do without one, so frames can be
 * joined.
 */
public final class EventEncoder {
    private static final int MAX_BYTES_PER_CHAR = 3;
    private static final int FIELD_OVERHEAD = ": \n".length();

    private EventEncoder() {}

    /**
     * Returns the frame of an event. The data is split at CRLF, CR and LF; the client receives each of them as LF. The client
     * dispatches empty data as an empty string.
     *
     * @throws IllegalArgumentException if the id or the type contains CR, LF or NUL
     */
    public static byte[] event(@Nullable String id, @Nullable String type, String data) {
        byte[] fields = fields(type, null, data);
        return id == null ? fields : event(id, fields);
    }

    static byte[] event(String id, byte[] fields) {
        byte[] line = ("id: " + requireOneLine("id", id) + "\n").getBytes(UTF_8);
        byte[] frame = Arrays.copyOf(line, line.length + fields.length);
        System.arraycopy(fields, 0, frame, line.length, fields.length);
        return frame;
    }

    /** Returns the frame of an event without an id. A line with the id can be put in front of the frame. */
    public static byte[] fields(@Nullable String type, @Nullable Long retryMillis, String data) {
        StringBuilder fields = new StringBuilder(data.length() + 64);
        if (type != null) {
            field(fields, "event: ", requireOneLine("type", type));
        }
        retry(fields, retryMillis);
        lines(fields, "data: ", data);
        return fields.append('\n').toString().getBytes(UTF_8);
    }

    /**
     * Returns lines with the checkpoint and the topics of an event, to be put in front of the event's frame. Clients ignore
     * unknown fields (9.2.6).
     *
     * @param ends whether the event ends its topics
     */
    public static byte[] annotation(String checkpoint, List<String> topics, boolean ends) {
        StringBuilder lines = new StringBuilder();
        field(lines, "at: ", requireOneLine("id", checkpoint));
        topics.forEach(topic -> field(lines, "topic: ", requireOneLine("topic", topic)));
        if (ends) {
            field(lines, "end: ", "true");
        }
        return lines.toString().getBytes(UTF_8);
    }

    /** Returns lines with the selectors that match an event, to be put in front of the event's frame. */
    public static byte[] selectors(List<String> selectors) {
        StringBuilder lines = new StringBuilder();
        selectors.forEach(selector -> field(lines, "selector: ", requireOneLine("selector", selector)));
        return lines.toString().getBytes(UTF_8);
    }

    /** Returns the maximum size of a field in bytes. */
    public static int maxSize(String name, String value) {
        return name.length() + FIELD_OVERHEAD + MAX_BYTES_PER_CHAR * value.length();
    }

    /**
     * Returns a comment. Clients ignore comments, but a comment keeps proxies from closing an idle stream.
     *
     * @param isBlock whether an empty line follows
     */
    public static byte[] comment(String text, boolean isBlock) {
        return comment(null, null, text, isBlock);
    }

    /**
     * Returns a comment with fields that take effect without an event. Without an empty line, the lines belong to the block of the
     * next event. An {@code EventSource} applies the id only at an empty line, but some libraries dispatch an event for every
     * block.
     *
     * @param retryMillis the client's new reconnection time; {@code null} to leave it unchanged
     * @param id the id from which the client resumes when it reconnects; {@code null} to leave it unchanged
     * @param isBlock whether an empty line follows
     */
    public static byte[] comment(@Nullable Long retryMillis, @Nullable String id, String text, boolean isBlock) {
        StringBuilder frame = new StringBuilder(text.length() + 64);
        retry(frame, retryMillis);
        if (id != null) {
            field(frame, "id: ", requireOneLine("id", id));
        }
        lines(frame, ": ", text);
        return frame.append(isBlock ? "\n" : "").toString().getBytes(UTF_8);
    }

    static String requireOneLine(String field, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\r' || c == '\n' || c == '\0') {
                throw new IllegalArgumentException(
                        "the " + field + " must not contain CR, LF or NUL, found U+%04X at %d".formatted((int) c, i));
            }
        }
        return value;
    }

    private static void retry(StringBuilder frame, @Nullable Long millis) {
        if (millis != null && millis < 0) {
            throw new IllegalArgumentException("retry must not be negative: " + millis);
        }
        if (millis != null) {
            field(frame, "retry: ", Long.toString(millis));
        }
    }

    private static void field(StringBuilder frame, String name, String value) {
        frame.append(name).append(value).append('\n');
    }

    private static void lines(StringBuilder frame, String name, String text) {
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                frame.append(name).append(text, start, i).append('\n');
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        frame.append(name).append(text, start, text.length()).append('\n');
    }
}
