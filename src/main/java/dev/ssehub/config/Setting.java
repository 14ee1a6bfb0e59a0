package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.joining;

/**
 * A key of the effective configuration, for operators: without secrets.
 *
 * @param text the value as a configuration file would have it, in one line
 * @param source where the value comes from
 * @param isDefault whether the value is that of the defaults, wherever it comes from
 */
public record Setting(String key, String text, String source, boolean isDefault) {
    /** A text that needs no quotes in YAML, and is not null. */
    private static final String SECRET = "***";
    /** A URL with a query, which may have a token. */
    private static final Pattern QUERY = Pattern.compile("(?is)^(https?://[^?]*\\?).*");
    private static final Pattern PLAIN = Pattern.compile("(?!(null|Null|NULL)$)[A-Za-z0-9_./][A-Za-z0-9_./+-]*");

    /** @param fallback the value of the key in the defaults */
    static Setting of(Value value, Value fallback) {
        return new Setting(value.key(), yaml(value, fallback), source(value.place()), value.isSame(fallback));
    }

    private static String source(Value.Place place) {
        return place.isInFile() ? place.source() + ":" + place.line() : place.source().replaceFirst("^the ", "");
    }

    private static String yaml(Value value, Value fallback) {
        if (!value.sections().isEmpty()) {
            return value.sections().stream().map(Setting::section).collect(joining(", ", "[", "]"));
        }
        List<String> items = value.text().isBlank() ? List.of() : value.items();
        if (KnownKeys.isMap(value.key())) {
            return items.stream().map(entry -> entry(entry, KnownKeys.isSecret(value.key()))).collect(joining(", ", "{", "}"));
        }
        // a flag can be replaced by a list; outside a file, a comma can also be part of one text
        boolean isFlag = Conversions.FLAG.matcher(fallback.text()).matches();
        if (fallback.isList() || (value.isList() && (isFlag || value.place().isInFile()))) {
            return value.shownItems().stream().map(Setting::withoutQuery).map(Setting::quoted).collect(joining(", ", "[", "]"));
        }
        return quoted(KnownKeys.isSecret(value.key()) && !items.isEmpty() ? SECRET : withoutQuery(value.shown()));
    }

    private static String withoutQuery(String text) {
        return QUERY.matcher(text).replaceFirst("$1" + SECRET);
    }

    private static String section(Map<String, Value> section) {
        return section.values().stream().filter(value -> !value.text().isEmpty())
                .map(value -> value.key().substring(value.key().lastIndexOf('.') + 1) + ": " + yaml(value, value))
                .collect(joining(", ", "{", "}"));
    }

    private static String entry(String entry, boolean isSecret) {
        int end = Math.max(0, entry.indexOf('='));
        return quoted(entry.substring(0, end).strip()) + ": " + quoted(isSecret ? SECRET : entry.substring(end + 1).strip());
    }

    private static String quoted(String text) {
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        return text.chars().mapToObj(Setting::escaped).collect(joining("", "\"", "\""));
    }

    private static String escaped(int c) {
        return c == '"' || c == '\\' ? "\\" + (char) c : c < ' ' || c == 0x7f ? "\\x%02x".formatted(c) : String.valueOf((char) c);
    }

    /** Returns the value for a log line, which has quotes of its own. */
    public String unquoted() {
        return text.matches("\"[^\"\\\\]*\"") ? text.substring(1, text.length() - 1) : text;
    }
}
