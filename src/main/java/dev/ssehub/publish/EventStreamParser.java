package dev.ssehub.publish;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.LimitExceededException;

/**
 * Finds the events in an event stream (WHATWG HTML 9.2.6). An event without {@code data} is dropped. Unlike in a browser, the
 * {@code id} of an event does not count for the next one, because an id stands for one event. For what it refuses, it throws an
 * {@link IllegalArgumentException}. For one thread.
 */
final class EventStreamParser {
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    /** A buffer that has grown beyond this is given up after its event, because the stream may last for hours. */
    private static final int KEPT = 16 * 1024;

    private final int maxSize;
    private final Consumer<Map<String, String>> complete;
    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Map<String, String> fields = new HashMap<>();
    private StringBuilder data = new StringBuilder();
    private boolean hasData;
    private boolean hadEvents;
    private boolean hadOtherLines;
    private boolean isFirstLine = true;
    private boolean afterCarriageReturn;
    /** The bytes of the event so far. */
    private int size;

    /**
     * @param maxSize the most bytes of an event, with the names of its fields
     * @param complete takes the fields of each event when it is complete, by their names in a form: {@code data}, and also {@code type},
     *     {@code id} and {@code retry} if the event has them
     */
    EventStreamParser(int maxSize, Consumer<Map<String, String>> complete) {
        this.maxSize = maxSize;
        this.complete = complete;
    }

    /** Takes the next bytes of the stream. */
    void take(byte[] bytes, int length) {
        int start = 0;
        for (int i = 0; i < length; i++) {
            byte b = bytes[i];
            if (b == '\n' && afterCarriageReturn && i == start) {
                start = i + 1; // the second half of a CRLF
            } else if (b == '\n' || b == '\r') {
                add(bytes, start, i);
                endLine();
                start = i + 1;
            }
            afterCarriageReturn = b == '\r';
        }
        add(bytes, start, length);
    }

    /** Returns the bytes of the event that is not complete. */
    int size() {
        return size;
    }

    /**
     * Ends the stream. An event that lacks only its empty line is complete, because a publisher would not notice that it is lost. Refuses
     * a stream without events that has other lines than comments: it is probably no event stream.
     */
    void end() {
        endLine();
        endEvent();
        if (hadOtherLines && !hadEvents) {
            throw new IllegalArgumentException(
                    "the body has no event: an event is a line such as data: Hello, and an empty line after it");
        }
    }

    private void add(byte[] bytes, int start, int end) {
        size += end - start;
        if (size > maxSize) {
            throw new LimitExceededException(Limit.PUBLISH_SIZE, "an event may have up to " + maxSize
                    + " bytes (sse-hub.publish.max-size), this one has more");
        }
        line.write(bytes, start, end - start);
    }

    private void endLine() {
        String text;
        try {
            text = UTF_8.newDecoder().decode(ByteBuffer.wrap(line.toByteArray())).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the body is not UTF-8", e);
        }
        if (line.size() > KEPT) {
            line = new ByteArrayOutputStream();
        } else {
            line.reset();
        }
        if (isFirstLine && text.startsWith(BYTE_ORDER_MARK)) {
            text = text.substring(1);
        }
        isFirstLine = false;
        if (text.isEmpty()) {
            endEvent();
        } else if (text.startsWith(":")) {
            size = hasData || !fields.isEmpty() ? size : 0; // comments between events count for none
        } else {
            int colon = text.indexOf(':');
            String name = colon < 0 ? text : text.substring(0, colon);
            String value = colon < 0 ? "" : text.substring(text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
            field(name, value);
        }
    }

    private void field(String name, String value) {
        switch (name) {
            case "data" -> {
                data.append(hasData ? "\n" : "").append(value);
                hasData = true;
            }
            case "event" -> fields.put("type", value);
            case "id", "retry" -> fields.put(name, value);
            default -> hadOtherLines = true; // WHATWG HTML 9.2.6: all other fields are ignored
        }
    }

    private void endEvent() {
        if (hasData) {
            hadEvents = true;
            fields.put("data", data.toString());
            complete.accept(Map.copyOf(fields));
        }
        fields.clear();
        if (data.capacity() > KEPT) {
            data = new StringBuilder();
        } else {
            data.setLength(0);
        }
        hasData = false;
        size = 0;
    }
}
