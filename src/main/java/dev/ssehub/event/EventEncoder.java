package dev.ssehub.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Turns events and comments into the bytes of a {@code text/event-stream} (WHATWG HTML 9.2.5 and 9.2.6): UTF-8, LF only,
 * one field a line with one space after the colon, and an empty line at the end of every frame, so that frames can be
 * joined in any number.
 */
public final class EventEncoder {

    private static final int MAX_BYTES_PER_CHAR = 3;
    private static final int FIELD_OVERHEAD = ": \n".length();

    private EventEncoder() {}

    /**
     * One event. Its data is split at CRLF, CR and LF, the newlines that the format knows, each of which a client reads
     * back as LF. Empty data is still dispatched, as an empty string.
     *
     * @throws IllegalArgumentException if id or type has a CR, LF or NUL
     */
    public static byte[] event(@Nullable String id, @Nullable String type, String data) {
        byte[] fields = fields(type, null, data);
        return id == null ? fields : event(id, fields);
    }

    /** One event, from its id and the rest of it as {@link #fields} made it. */
    static byte[] event(String id, byte[] fields) {
        byte[] line = ("id: " + requireOneLine("id", id) + "\n").getBytes(UTF_8);
        byte[] frame = Arrays.copyOf(line, line.length + fields.length);
        System.arraycopy(fields, 0, frame, line.length, fields.length);
        return frame;
    }

    /** All of an event but its id, which it has to be given first of all, if it has one. */
    public static byte[] fields(@Nullable String type, @Nullable Long retryMillis, String data) {
        StringBuilder fields = new StringBuilder(data.length() + 64);
        if (type != null) {
            field(fields, "event: ", requireOneLine("type", type));
        }
        if (retryMillis != null) {
            field(fields, "retry: ", Long.toString(requireNotNegative(retryMillis)));
        }
        lines(fields, "data: ", data);
        return fields.append('\n').toString().getBytes(UTF_8);
    }

    /** Lines for the beginning of a frame, which clients ignore that do not know them (9.2.6): an event's place and topics. */
    public static byte[] place(String hubId, List<String> topics) {
        StringBuilder lines = new StringBuilder();
        field(lines, "at: ", requireOneLine("id", hubId));
        topics.forEach(topic -> field(lines, "topic: ", requireOneLine("topic", topic)));
        return lines.toString().getBytes(UTF_8);
    }

    /** More such lines: what has selected the event. */
    public static byte[] selectors(List<String> selectors) {
        StringBuilder lines = new StringBuilder();
        selectors.forEach(selector -> field(lines, "selector: ", requireOneLine("selector", selector)));
        return lines.toString().getBytes(UTF_8);
    }

    /** How many bytes a field takes at most. */
    public static int maxSize(String name, String value) {
        return name.length() + FIELD_OVERHEAD + MAX_BYTES_PER_CHAR * value.length();
    }

    /** A comment, which no client shows: it keeps proxies from taking an idle stream for a dead one. */
    public static byte[] comment(String text) {
        return comment(null, null, text);
    }

    /**
     * What a stream begins with: the time that a client waits before it reconnects, in milliseconds, a comment, and, if there
     * is one, the id that it comes back with while it has had no event.
     */
    public static byte[] opening(long retryMillis, @Nullable String id, String comment) {
        return comment(retryMillis, id, comment);
    }

    /** A comment with an id: nothing is dispatched, but a client that reconnects says that it has come so far. */
    public static byte[] checkpoint(String id, String comment) {
        return comment(null, id, comment);
    }

    private static byte[] comment(@Nullable Long retryMillis, @Nullable String id, String text) {
        StringBuilder frame = new StringBuilder(text.length() + 64);
        if (retryMillis != null) {
            field(frame, "retry: ", Long.toString(requireNotNegative(retryMillis)));
        }
        if (id != null) {
            field(frame, "id: ", requireOneLine("id", id));
        }
        lines(frame, ": ", text);
        return frame.append('\n').toString().getBytes(UTF_8);
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

    private static long requireNotNegative(long retryMillis) {
        if (retryMillis < 0) {
            throw new IllegalArgumentException("retry must not be negative: " + retryMillis);
        }
        return retryMillis;
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
