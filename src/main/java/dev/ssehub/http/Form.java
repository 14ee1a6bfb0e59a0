package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a form or of a query, {@code application/x-www-form-urlencoded} (WHATWG URL, 5). Unlike what libraries make of
 * it, it is strict: what is no percent code or no UTF-8 is refused, and not replaced without a word.
 */
public final class Form {

    private static final int MAX_FIELDS = 1_000;

    /** What others call such a field: {@code event} is the word of SSE. */
    private static final Map<String, String> ELSEWHERE = Map.of("topic", "channel", "type", "event", "data", "message");

    private final Map<String, List<String>> fields = new HashMap<>();
    private int size;

    private Form() {}

    /** @throws IllegalArgumentException if it cannot be decoded; the message names the field */
    public static Form parse(byte[] bytes) {
        Form form = new Form();
        int start = 0;
        while (start <= bytes.length) {
            int end = indexOf('&', bytes, start, bytes.length);
            if (end > start) {
                form.add(bytes, start, end);
            }
            start = end + 1;
        }
        return form;
    }

    /**
     * The fields of a raw query. What is not ASCII there does not get through the server.
     *
     * @throws IllegalArgumentException if it cannot be decoded; the message names the field
     */
    public static Form parse(String rawQuery) {
        if (rawQuery.indexOf('\uFFFD') >= 0) {
            throw new IllegalArgumentException("the query must be ASCII, with percent codes for everything else");
        }
        return parse(rawQuery.getBytes(UTF_8));
    }

    /**
     * Refuses a field that is almost called like one of these, or as it is elsewhere: what it says would be ignored without a word.
     *
     * @throws IllegalArgumentException if there is one
     */
    public void refuseLookalikes(Set<String> names) {
        for (String field : fields.keySet()) {
            if (!names.contains(field)) {
                for (String name : names) {
                    if (bare(field).matches("(" + bare(name) + "|" + ELSEWHERE.getOrDefault(name, bare(name)) + ")s?")) {
                        throw new IllegalArgumentException("there is no field " + field + ", but one is called " + name);
                    }
                }
            }
        }
    }

    private static String bare(String name) {
        return name.replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
    }

    /** All values of a field, in order. */
    public List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }

    /**
     * The value of a field that may be given once, {@code null} where it is not there or empty.
     *
     * @throws IllegalArgumentException if it is there more than once
     */
    public @Nullable String single(String name) {
        List<String> values = all(name);
        if (values.size() > 1) {
            throw new IllegalArgumentException("the field " + name + " may be given once, not " + values.size() + " times");
        }
        return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
    }

    /**
     * The value of a field that says yes or no.
     *
     * @throws IllegalArgumentException if it says something else, or is there more than once
     */
    public boolean flag(String name, boolean otherwise) {
        return switch (single(name)) {
            case null -> otherwise;
            case "true" -> true;
            case "false" -> false;
            case String other -> throw new IllegalArgumentException(
                    "the field " + name + " takes true or false, not '" + other + "'");
        };
    }

    private void add(byte[] bytes, int start, int end) {
        if (++size > MAX_FIELDS) {
            throw new IllegalArgumentException("there are more than " + MAX_FIELDS + " fields");
        }
        int equals = indexOf('=', bytes, start, end);
        String name = decode("the name of a field", bytes, start, equals);
        String value = decode("the field " + name, bytes, Math.min(equals + 1, end), end);
        fields.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
    }

    private static int indexOf(char separator, byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] == separator) {
                return i;
            }
        }
        return end;
    }

    /** Decodes percent codes, and {@code +} as space. */
    private static String decode(String what, byte[] bytes, int start, int end) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i++) {
            if (bytes[i] == '+') {
                decoded.write(' ');
            } else if (bytes[i] != '%') {
                decoded.write(bytes[i]);
            } else {
                decoded.write(code(what, bytes, i, end));
                i += 2;
            }
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded.toByteArray())).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " is not UTF-8", e);
        }
    }

    private static int code(String what, byte[] bytes, int at, int end) {
        int high = at + 2 < end ? Character.digit(bytes[at + 1], 16) : -1;
        int low = at + 2 < end ? Character.digit(bytes[at + 2], 16) : -1;
        if (high < 0 || low < 0) {
            String found = new String(bytes, at, Math.min(3, end - at), ISO_8859_1);
            throw new IllegalArgumentException(what + " has '" + found + "', which is no percent code");
        }
        return high * 16 + low;
    }
}
