package dev.ssehub.config;

import module java.base;
import dev.ssehub.redis.RedisSettings;
import org.jspecify.annotations.Nullable;

/**
 * The value of a key, as text.
 *
 * @param text the whole value in one line
 * @param items the items of the list, or the value alone if it is not a list; without white space around them
 * @param isList whether the value is written as a list
 * @param sections the values by key of each section, if the value is a list of sections
 */
record Value(String key, String text, List<String> items, boolean isList, List<Map<String, Value>> sections, Place place) {
    /** Separates the items of a list in one line. A comma within the braces of a template is part of an item. */
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");

    private static final Pattern IN_BRACKETS = Pattern.compile("\\s*\\[.*]\\s*", Pattern.DOTALL);
    /** The user in a URL, who may have a password. */
    private static final Pattern USER = Pattern.compile("(?<=://)[^/?#,\\s]*(?=@)");
    /** The user in the address of Redis, whose password may have any character. */
    private static final Pattern REDIS_USER = Pattern.compile("(?s)^([a-z]*://)?.*@");

    Value {
        items = items.stream().map(String::strip).toList();
    }

    static Value scalar(String key, String text, Place place) {
        return new Value(key, text, List.of(text), false, List.of(), place);
    }

    static Value list(String key, List<String> items, Place place) {
        return new Value(key, String.join(",", items), items, true, List.of(), place);
    }

    static Value sections(String key, List<Map<String, Value>> sections, Place place) {
        return new Value(key, "", List.of(), true, sections, place);
    }

    /** Returns a value from a source without lists, where commas separate items. A comma at the end makes one item a list. */
    static Value split(String key, String text, Place place) {
        List<String> items = List.of(COMMA.split(text, -1));
        boolean isList = items.size() > 1;
        return new Value(key, text, isList && items.getLast().isBlank() ? items.subList(0, items.size() - 1) : items, isList,
                List.of(), place);
    }

    /** Returns whether the other value is the same, wherever it was set. */
    boolean isSame(@Nullable Value other) {
        return other != null && items.equals(other.items) && sections.size() == other.sections.size()
                && IntStream.range(0, sections.size()).allMatch(i -> isSame(sections.get(i), other.sections.get(i)));
    }

    private static boolean isSame(Map<String, Value> section, Map<String, Value> other) {
        return section.keySet().equals(other.keySet())
                && section.values().stream().allMatch(value -> value.isSame(other.get(value.key())));
    }

    /** Returns whether this is the empty text or an empty section, not a list. */
    boolean isEmpty() {
        return !isList && text.isEmpty();
    }

    /** Refuses a list in the wrong notation, which would become one name with brackets or commas in it. Returns this value. */
    Value requireListNotation() {
        boolean inBrackets = IN_BRACKETS.matcher(text).matches();
        if (!place.isInFile() && inBrackets) {
            throw wrong("; outside a file, a list has commas and no brackets, such as a,b, or is empty");
        }
        if (place.isInFile() && !isList && (inBrackets || COMMA.matcher(text).find())) {
            throw wrong("; in a file, a list is [a, b] without quotes, and one name with a comma is ['a, b']");
        }
        return this;
    }

    /** Returns the text without the passwords in it. */
    String shown() {
        return withoutPassword(text);
    }

    /** Returns the items without the passwords in them. */
    List<String> shownItems() {
        return items.stream().map(this::withoutPassword).toList();
    }

    private String withoutPassword(String text) {
        return key.equals(RedisSettings.URI)
                ? REDIS_USER.matcher(text).replaceFirst("$1***@").replaceFirst("(?s)\\?.*", "?***")
                : USER.matcher(text).replaceAll("***");
    }

    /** Returns a mistake whose message shows the value. */
    StartupException wrong(String rest) {
        return place.mistake(key + " is '" + shown() + "'", rest);
    }

    /** Returns a mistake whose message does not show the value. */
    StartupException mistake(String rest) {
        return place.mistake(key, rest);
    }

    /**
     * Where a key was set.
     *
     * @param source the configuration file, or a source without lines, such as {@code the system properties}
     * @param line the line of the file, from 1; 0 if the source has no lines
     */
    record Place(String source, int line) {
        static Place in(String source) {
            return new Place(source, 0);
        }

        boolean isInFile() {
            return line > 0;
        }

        /** Adds the place to the subject of a sentence. */
        String locate(String subject) {
            return isInFile() ? source + ":" + line + ": " + subject : subject + " (in " + source + ")";
        }

        /** Returns a mistake whose sentence begins with the subject, usually a key. */
        StartupException mistake(String subject, String rest) {
            return new StartupException(locate(subject) + rest);
        }
    }
}
