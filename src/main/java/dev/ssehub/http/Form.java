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
 * The fields of a form or a query, {@code application/x-www-form-urlencoded} (WHATWG URL, 5). Unlike most libraries, this parser
 * refuses invalid percent codes and invalid UTF-8 instead of replacing them silently.
 */
public final class Form {

    private static final int MAX_FIELDS = 1_000;

    /** The names that other programs give to our fields; {@code event} is the name in SSE itself. */
    private static final Map<String, String> SYNONYMS = Map.of("topic", "channel", "type", "event", "data", "message");

    private final Map<String, List<String>> fields = new HashMap<>();
    private int size;

    private Form() {}

    /**
     * Parses the body of a form.
     *
     * @throws IllegalArgumentException if a field cannot be decoded; the message names the field
     */
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
     * Parses a raw query.
     *
     * @throws IllegalArgumentException if a field cannot be decoded; the message names the field
     */
    public static Form parse(String rawQuery) {
        if (rawQuery.indexOf('\uFFFD') >= 0) { // this is what the server makes of other bytes
            throw new IllegalArgumentException("the query must be ASCII; all other characters must be percent-encoded");
        }
        return parse(rawQuery.getBytes(UTF_8));
    }

    /**
     * Refuses fields whose name is similar to one of the given names or a synonym of it. They would be ignored silently otherwise.
     *
     * @throws IllegalArgumentException if there is such a field; the message names both
     */
    public void refuseLookalikes(Set<String> names) {
        for (String field : fields.keySet()) {
            if (!names.contains(field)) {
                for (String name : names) {
                    if (bare(field).matches("(" + bare(name) + "|" + SYNONYMS.getOrDefault(name, bare(name)) + ")s?")) {
                        throw new IllegalArgumentException("there is no field " + field + "; did you mean " + name + "?");
                    }
                }
            }
        }
    }

    private static String bare(String name) {
        return name.replaceAll("[_-]", "").toLowerCase(Locale.ROOT);
    }

    /** Returns all values of a field, in order. */
    public List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }

    /**
     * Returns the value of a field, or {@code null} if the field is missing or empty.
     *
     * @throws IllegalArgumentException if the field is given more than once
     */
    public @Nullable String single(String name) {
        List<String> values = all(name);
        if (values.size() > 1) {
            throw new IllegalArgumentException("the field " + name + " may be given once, not " + values.size() + " times");
        }
        return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
    }

    /**
     * Returns the value of a field that is {@code true} or {@code false}.
     *
     * @param otherwise the value if the field is missing or empty
     * @throws IllegalArgumentException if the field has another value or is given more than once
     */
    public boolean flag(String name, boolean otherwise) {
        return switch (single(name)) {
            case null -> otherwise;
            case "true" -> true;
            case "false" -> false;
            case String other -> throw new IllegalArgumentException(
                    "the field " + name + " must be true or false, not '" + other + "'");
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

    /** Decodes percent codes, and {@code +} to a space. */
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
            throw new IllegalArgumentException(what + " has '" + found + "', which is not a percent code");
        }
        return high * 16 + low;
    }
}
