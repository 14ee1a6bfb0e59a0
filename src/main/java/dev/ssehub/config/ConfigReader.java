package dev.ssehub.config;

import dev.ssehub.config.ConfigLayers.Value;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.mercure.Mercure;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds values by key, converts and checks them. A wrong value throws a {@link StartupException} that says what is allowed. */
public final class ConfigReader {

    private static final Pattern URL_PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");
    private static final Pattern FLAG = Pattern.compile("true|false", Pattern.CASE_INSENSITIVE);
    private static final Pattern LIKE_FLAG = Pattern.compile("true|false|yes|no|on|off|1|0", Pattern.CASE_INSENSITIVE);
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_-]+");
    private static final Pattern IN_BRACKETS = Pattern.compile("\\s*\\[.*]\\s*", Pattern.DOTALL);
    private static final String LOCALE = "the locale must be one of UTF-8, such as LANG=C.UTF-8";
    private static final String HUBS_TOPICS = Mercure.RESERVED_TOPICS;
    private static final List<String> TAKEN_PATHS = List.of("/static", "/observe", "/.well-known");

    private final ConfigLayers layers;

    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.layers = new ConfigLayers(file, environment, properties);
    }

    SortedSet<String> keys() {
        return layers.keys().all();
    }

    /** Returns where a key was set. */
    Place place(String key) {
        return layers.find(key).place();
    }

    /** Returns a mistake whose sentence begins with the key. */
    StartupException mistake(String key, String rest) {
        return place(key).mistake(key, rest);
    }

    /** Returns whether a key has a value. */
    boolean isSet(String key) {
        return !layers.find(key).text().isBlank();
    }

    /** A text that is not blank. */
    String text(String key) {
        return convert(key, "a text that is not empty", text -> text);
    }

    /** A text that may be missing. It may be a secret, so no message shows it. */
    Optional<String> secret(String key) {
        Value value = layers.find(key);
        if (value.text().indexOf('\uFFFD') >= 0) {
            throw value.place().mistake(key, " has characters that were lost on the way; " + LOCALE);
        }
        return Optional.of(value.text()).filter(text -> !text.isBlank());
    }

    /** A text that may be missing. */
    Optional<String> optional(String key) {
        return isSet(key) ? Optional.of(text(key)) : Optional.empty();
    }

    boolean bool(String key) {
        return convert(key, "true or false", ConfigReader::toFlag);
    }

    int integer(String key, int least, int most) {
        return Math.toIntExact(number(key, least, most));
    }

    long number(String key, long least, long most) {
        return convert(key, "a whole number from " + least + " to " + most, text -> within(Long.valueOf(text), least, most));
    }

    /** A number of bytes. */
    int size(String key, int least, int most) {
        return Math.toIntExact(size(key, (long) least, most));
    }

    /** A number of bytes. */
    long size(String key, long least, long most) {
        return convert(key, "a whole number of bytes from " + least + " to " + most + ", or a size such as 64KiB, 1MiB or 1GiB",
                text -> within(Sizes.parse(text), least, most));
    }

    Duration duration(String key, Duration least, Duration most) {
        return convert(key, "a duration from " + Durations.text(least) + " to " + Durations.text(most)
                + ", such as 500ms, 15s, 2m, 1h, 1d, or ISO-8601 (PT15S)", text -> within(Durations.parse(text), least, most));
    }

    /** A path of a URL that is not one of the server's own. */
    String path(String key) {
        return convert(key, "a path such as /sse, not under " + String.join(" or ", TAKEN_PATHS), text -> {
            if (!URL_PATH.matcher(text).matches()
                    || TAKEN_PATHS.stream().anyMatch(taken -> text.equals(taken) || text.startsWith(taken + "/"))) {
                throw new IllegalArgumentException("not a path, or taken");
            }
            return text;
        });
    }

    /** The name of one topic that a feed may publish to. */
    String topic(String key) {
        return convert(key, "the name of a topic, not *, nor one of the hub's own below " + HUBS_TOPICS,
                ConfigReader::requireTopic);
    }

    /**
     * Returns the text if it is the name of one topic that is not reserved for the hub.
     *
     * @throws IllegalArgumentException if it is not; the message is a sentence
     */
    public static String requireTopic(String text) {
        if (!(TopicSelector.parse(text) instanceof TopicSelector.Exact)) {
            throw new IllegalArgumentException("it must be the name of one topic, not * or a template");
        }
        if (text.startsWith(HUBS_TOPICS)) {
            throw new IllegalArgumentException("topics below " + HUBS_TOPICS + " are the hub's own");
        }
        return text;
    }

    /** The path of a file that need not exist; empty if there is none and none is required. */
    Path file(String key, boolean required) {
        return isSet(key) || required
                ? convert(key, "the path of a file; a feed that is enabled needs one", Path::of)
                : Path.of("");
    }

    /** The path of a file, which may be missing. */
    Optional<Path> optionalFile(String key) {
        return isSet(key) ? Optional.of(convert(key, "the path of a file", Path::of)) : Optional.empty();
    }

    /** Any number of origins of pages. */
    Set<String> origins(String key) {
        Value value = list(key);
        return value.text().isBlank()
                ? Set.of()
                : convert(value, Origins.allowed(value.items()), _ -> Origins.parse(value.items()));
    }

    /** Any number of addresses and ranges of addresses. */
    List<AddressRange> addresses(String key) {
        Value value = list(key);
        return value.text().isBlank()
                ? List.of()
                : convert(value, "addresses such as 127.0.0.1 and ::1, or ranges such as 10.0.0.0/8, with all their numbers, and "
                        + "no names", _ -> value.items().stream().map(String::strip).map(AddressRange::parse).toList());
    }

    /** One selector or more. */
    List<TopicSelector> selectors(String key) {
        Value value = list(key);
        return convert(value, "one topic or more, or * for all, with " + Subscription.MAX_VARIABLES + " variables in all at most",
                _ -> new Subscription(selectors(value, FLAG)).selectors());
    }

    /** Any number of selectors. */
    List<TopicSelector> selectorsOrNone(String key) {
        Value value = list(key);
        return value.text().isBlank()
                ? List.of()
                : convert(value, "a list of topics: empty for none, * for all", _ -> selectors(value, FLAG));
    }

    /** All topics, no topic, or these. A single word is refused: it is more likely a mistake than the name of a topic. */
    List<TopicSelector> selectorsOrAll(String key) {
        Value value = list(key);
        boolean isWord = !value.isList() && WORD.matcher(value.text().strip()).matches();
        String hint = isWord && !LIKE_FLAG.matcher(value.text().strip()).matches()
                ? "; for a list of one topic, write "
                        + (value.isLine() ? value.text().strip() + ", (with the comma)" : "[" + value.text() + "]")
                : "";
        return convert(value, "true, false, or topics" + hint, text -> {
            if (!isWord) {
                return selectors(value, LIKE_FLAG);
            }
            return toFlag(text) ? List.of(new TopicSelector.Any()) : List.of();
        });
    }

    /** A list. In one line, the brackets of YAML would be part of a name. */
    private Value list(String key) {
        Value value = layers.find(key);
        if (value.isLine() && IN_BRACKETS.matcher(value.text()).matches()) {
            throw value.place().wrongValue(key, value.text(),
                    "; there, a list has commas and no brackets, such as a,b, or is empty");
        }
        return value;
    }

    /** Refuses a list whose one item looks like a flag, because it is more likely meant as a flag than as a topic. */
    private static List<TopicSelector> selectors(Value value, Pattern flag) {
        List<String> items = value.items().stream().map(String::strip).toList();
        if (items.size() == 1 && flag.matcher(items.getFirst()).matches()) {
            throw new IllegalArgumentException("a flag, not a topic");
        }
        return items.stream().map(TopicSelector::parse).toList();
    }

    private static boolean toFlag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    private <T> T convert(String key, String allowed, Function<String, T> conversion) {
        return convert(layers.find(key), allowed, conversion);
    }

    private static <T> T convert(Value value, String allowed, Function<String, T> conversion) {
        if (value.text().indexOf('\uFFFD') >= 0) {
            throw value.place().mistake(value.key(),
                    " has characters that were lost on the way: '" + value.text() + "'; " + LOCALE);
        }
        try {
            if (value.text().isBlank()) {
                throw new IllegalArgumentException("empty");
            }
            return conversion.apply(value.text());
        } catch (IllegalArgumentException e) {
            throw value.place().wrongValue(value.key(), value.text(), "; allowed is " + allowed);
        }
    }

    private static <T extends Comparable<T>> T within(T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException("out of range");
        }
        return value;
    }
}
