package dev.ssehub.config;

import module java.base;
import dev.ssehub.topic.TopicSelector;
import java.lang.System.Logger.Level;

/** Converts the texts of values. A text that is not allowed is an {@link IllegalArgumentException} or an arithmetic one. */
public final class Conversions {
    static final Pattern FLAG = Pattern.compile("true|false", Pattern.CASE_INSENSITIVE);
    static final Pattern LIKE_FLAG = Pattern.compile("true|false|yes|no|on|off|1|0", Pattern.CASE_INSENSITIVE);
    private static final Pattern QUOTED = Pattern.compile("(['\"]).*\\1");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(|KiB|MiB|GiB)");
    private static final Pattern LEVEL = Pattern.compile("([\\w$.]+)\\s*=\\s*(trace|debug|info|warning|error|off)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> DURATION_UNITS = Map.of("ms", ChronoUnit.MILLIS, "s", ChronoUnit.SECONDS, //
            "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);
    private static final List<String> SIZE_UNITS = List.of("", "KiB", "MiB", "GiB");

    private Conversions() {}

    /**
     * Refuses a list whose only item looks like a flag, and items in quotes: the operator more likely means a flag than a topic, and
     * has quoted a variable twice.
     */
    static List<TopicSelector> toSelectors(Value value, Pattern flag) {
        List<String> items = value.items();
        require(items.size() > 1 || !flag.matcher(items.getFirst()).matches(), items);
        require(items.stream().noneMatch(QUOTED.asMatchPredicate()), items);
        return items.stream().map(TopicSelector::parse).toList();
    }

    static boolean toFlag(String text) {
        return require(text.equals("true") || text.equals("false"), Boolean.valueOf(text));
    }

    static long toBytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        require(matcher.matches(), text);
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * SIZE_UNITS.indexOf(matcher.group(2))));
    }

    /**
     * Converts a duration as operators write it: a whole number with a unit ({@code 500ms}, {@code 15s}, {@code 1d}) or ISO-8601.
     *
     * @throws IllegalArgumentException if the text is not a duration; the message is a sentence that says what is allowed
     */
    public static Duration toDuration(String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        try {
            return matcher.matches()
                    ? Duration.of(Long.parseLong(matcher.group(1)), DURATION_UNITS.get(matcher.group(2)))
                    : Duration.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a duration; it must be 500ms, 10s, 2m, 1h, 1d, or ISO-8601 (PT10S)", e);
        }
    }

    static URI toUrl(String text) {
        URI url = URI.create(text);
        boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
        boolean isPlain = url.getRawUserInfo() == null && url.getRawQuery() == null && url.getRawFragment() == null;
        return require(isHttp && isPlain && url.getHost() != null && url.getPort() <= 65_535 && url.getPort() != 0, url);
    }

    /** Converts entries such as {@code dev.ssehub.keys=debug}. */
    static Map<String, Level> toLevels(List<String> entries) {
        Map<String, Level> levels = new LinkedHashMap<>();
        for (String entry : entries) {
            Matcher matcher = LEVEL.matcher(entry);
            require(matcher.matches(), entry);
            require(levels.put(matcher.group(1), Level.valueOf(matcher.group(2).toUpperCase(Locale.ROOT))) == null, entry);
        }
        return levels;
    }

    /** Returns whether a host is this machine. */
    static boolean isLocal(String host) {
        return host.equals("localhost") || host.equals("::1") || host.startsWith("127.");
    }

    static <T extends Comparable<T>> T within(T value, T least, T most) {
        return require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, value);
    }

    static <T> T require(boolean allowed, T value) {
        if (!allowed) {
            throw new IllegalArgumentException("not allowed");
        }
        return value;
    }
}
