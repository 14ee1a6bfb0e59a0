package dev.ssehub.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as operators write them: a whole number, alone or with a binary unit ({@code 64KiB}, {@code 1MiB}). */
final class Sizes {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(|KiB|MiB|GiB)");
    private static final Map<String, Long> UNITS = Map.of("", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private Sizes() {}

    /**
     * Parses a size.
     *
     * @throws IllegalArgumentException if the text is not a size, or not one that a long can hold
     */
    static long parse(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a size");
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.getOrDefault(matcher.group(2), 1L));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is too large", e);
        }
    }
}
