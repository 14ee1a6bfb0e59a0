package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a form or a query, {@code application/x-www-form-urlencoded} (WHATWG URL, 5). Unlike most libraries, this parser
 * refuses invalid percent codes and invalid UTF-8 instead of replacing them silently. For what it refuses, it throws an
 * {@link IllegalArgumentException} whose message names the field. The time for parsing is proportional to the number of bytes.
 */
public final class Form {
    private static final int MAX_FIELDS = 1_000;
    /** The most bytes of a name, percent codes included. */
    private static final int MAX_NAME = 200;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    /** How PHP and some libraries write the name of a list. */
    private static final Pattern LIST = Pattern.compile("[^\\[]*\\[[0-9]*]");

    private final Map<String, List<String>> fields = new LinkedHashMap<>();
    /** The names with brackets as the client has sent them, by the name before the brackets. */
    private final Map<String, String> bracketed = new HashMap<>();
    private int size;

    private Form() {}

    /** Parses the body of a form. Ignores a byte order mark, which some editors write. */
    public static Form parse(byte[] bytes) {
        Form form = new Form();
        int start = bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3) ? 3 : 0;
        while (start < bytes.length) {
            int end = indexOf('&', bytes, start, bytes.length);
            if (end > start) {
                form.add(bytes, start, end);
            }
            start = end + 1;
        }
        return form;
    }

    /** Returns a form of fields that came in another shape. */
    public static Form of(Map<String, List<String>> fields) {
        Form form = new Form();
        form.fields.putAll(fields);
        return form;
    }

    /** Returns this form with other values for some fields. */
    public Form with(Map<String, String> values) {
        Form changed = of(fields);
        changed.bracketed.putAll(bracketed);
        values.forEach((name, value) -> changed.fields.put(name, List.of(value)));
        return changed;
    }

    /** Parses a raw query. */
    public static Form parse(String rawQuery) {
        if (rawQuery.indexOf('\uFFFD') >= 0) { // the server replaces bytes that are not ASCII by this character
            throw new IllegalArgumentException("the query must be ASCII; all other characters must be percent-encoded");
        }
        return parse(rawQuery.getBytes(UTF_8));
    }

    /**
     * Refuses a form that lacks a field but has another one that was probably meant.
     *
     * @param name the field that is missing
     * @param lookalikes matches names in lower case and without separators
     * @param meant the field that the lookalikes mean
     */
    public void refuseLookalikes(String name, Pattern lookalikes, String meant) {
        if (fields.containsKey(name)) {
            return;
        }
        for (String field : fields.keySet()) {
            if (lookalikes.matcher(bare(field)).matches()) {
                throw new IllegalArgumentException(
                        "there is no field " + Refusal.printable(field) + "; did you mean " + meant + "?");
            }
        }
    }

    /**
     * Returns the value of a field that a client may write in several ways, or nothing. An empty value does not count. Of several, the
     * last value of the last way counts.
     *
     * @param names the ways, in lower case and without separators
     */
    public Optional<String> last(Set<String> names) {
        bracketed.forEach((plain, list) -> {
            if (names.contains(bare(plain))) {
                throw notUnderstood(list, plain);
            }
        });
        Optional<String> last = Optional.empty();
        for (Map.Entry<String, List<String>> field : fields.entrySet()) {
            if (names.contains(bare(field.getKey()))) {
                for (String value : field.getValue()) {
                    last = value.isEmpty() ? last : Optional.of(value);
                }
            }
        }
        return last;
    }

    /** Returns the names of all fields. */
    public Set<String> names() {
        return Collections.unmodifiableSet(fields.keySet());
    }

    /** Returns the letters and digits of a name in lower case. */
    private static String bare(String name) {
        StringBuilder bare = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (Character.isLetterOrDigit(name.charAt(i))) {
                bare.append(Character.toLowerCase(name.charAt(i)));
            }
        }
        return bare.toString();
    }

    /** Returns all values of a field, in order. The client may also write its name as that of a list, such as {@code name[]}. */
    public List<String> all(String name) {
        String list = bracketed.get(name);
        if (list != null && !LIST.matcher(list).matches()) {
            throw notUnderstood(list, name);
        }
        return fields.getOrDefault(name, List.of());
    }

    private static IllegalArgumentException notUnderstood(String field, String name) {
        return new IllegalArgumentException("the field " + Refusal.printable(field) + " is not understood; write " + name);
    }

    /** Refuses fields with other names than these: a mistake in a name must not have another effect. */
    public void allowOnly(Collection<String> names) {
        Optional<String> other = fields.keySet().stream().filter(name -> !names.contains(name)).findFirst();
        if (other.isPresent()) {
            throw new IllegalArgumentException("the field " + Refusal.printable(other.get()) + " is not known here; there are "
                    + String.join(", ", new TreeSet<>(names)));
        }
    }

    /** Returns whether there is a field of this name, with any value. Refuses a list. */
    public boolean has(String name) {
        if (bracketed.containsKey(name)) {
            throw notUnderstood(bracketed.get(name), name);
        }
        return fields.containsKey(name);
    }

    /** Returns the value of a field, or {@code null} if the field is missing or empty. Refuses a second value, and a list. */
    public @Nullable String single(String name) {
        List<String> values = has(name) ? all(name) : List.of();
        if (values.size() > 1) {
            throw new IllegalArgumentException("the field " + name + " may be given once, not " + values.size() + " times");
        }
        return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
    }

    /** Returns the value of a field that must be {@code true} or {@code false}, or the default if it is missing or empty. */
    public boolean flag(String name, boolean defaultValue) {
        return switch (single(name)) {
            case null -> defaultValue;
            case "true" -> true;
            case "false" -> false;
            case String other ->
                throw new IllegalArgumentException("the field " + name + " must be true or false, not '"
                        + Refusal.printable(other) + "'");
        };
    }

    private void add(byte[] bytes, int start, int end) {
        if (++size > MAX_FIELDS) {
            throw new IllegalArgumentException("there are more than " + MAX_FIELDS + " fields");
        }
        int equals = indexOf('=', bytes, start, end);
        if (equals - start > MAX_NAME) {
            String beginning = Refusal.printable(new String(bytes, start, MAX_NAME / 4, ISO_8859_1));
            throw new IllegalArgumentException(
                    "the name of a field may have up to " + MAX_NAME + " bytes; the name that begins with "
                            + beginning + " has " + (equals - start) + " (an & in a value must be written %26)");
        }
        String name = decode("the name of a field", bytes, start, equals);
        String value = decode("the field " + name, bytes, Math.min(equals + 1, end), end);
        int bracket = name.indexOf('[');
        String plain = bracket > 0 ? name.substring(0, bracket) : name;
        if (bracket > 0) {
            // a name that is no list is kept, because it must be refused
            bracketed.merge(plain, name, (first, next) -> LIST.matcher(first).matches() ? next : first);
        }
        fields.computeIfAbsent(plain, _ -> new ArrayList<>(1)).add(value);
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
        byte[] decoded = new byte[end - start];
        int length = 0;
        int bits = 0;
        for (int i = start; i < end; i++) {
            if (bytes[i] == '%') {
                decoded[length++] = code(what, bytes, i, end);
                i += 2;
            } else {
                decoded[length++] = bytes[i] == '+' ? (byte) ' ' : bytes[i];
            }
            bits |= decoded[length - 1];
        }
        if (bits >= 0) { // all bytes are ASCII and need no decoder
            return new String(decoded, 0, length, ISO_8859_1);
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(decoded, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " is not UTF-8", e);
        }
    }

    private static byte code(String what, byte[] bytes, int at, int end) {
        if (at + 2 >= end || !HexFormat.isHexDigit(bytes[at + 1]) || !HexFormat.isHexDigit(bytes[at + 2])) {
            String found = new String(bytes, at, Math.min(3, end - at), ISO_8859_1);
            throw new IllegalArgumentException(what + " has '" + found + "', which is not a percent code");
        }
        return (byte) (HexFormat.fromHexDigit(bytes[at + 1]) * 16 + HexFormat.fromHexDigit(bytes[at + 2]));
    }
}
