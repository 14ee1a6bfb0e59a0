package dev.ssehub.config;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import dev.ssehub.config.ConfigLayers.Value;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.mercure.Mercure;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;

/** Finds values by key and checks them. Every mistake is a {@link StartupException}. */
public final class ConfigReader {

    private static final Pattern URL_PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");
    private static final Pattern ORIGIN = Pattern
            .compile("https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:]+](:[0-9]{1,5})?");
    private static final Pattern FLAG = Pattern.compile("true|false", Pattern.CASE_INSENSITIVE);
    private static final Pattern LIKE_FLAG = Pattern.compile("true|false|yes|no|on|off|1|0", Pattern.CASE_INSENSITIVE);
    private static final Pattern IN_BRACKETS = Pattern.compile("\\s*\\[.*]\\s*", Pattern.DOTALL);
    private static final Pattern INFORMAL = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, ChronoUnit> UNITS = Map.of("ms", ChronoUnit.MILLIS, "s", ChronoUnit.SECONDS, //
            "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);
    private static final String LOCALE = "the locale must be one of UTF-8, such as LANG=C.UTF-8";
    private static final String HUBS_TOPICS = Mercure.RESERVED_TOPICS;
    private static final List<String> TAKEN_PATHS = List.of("/static", "/observe", "/.well-known");

    private final ConfigLayers layers;

    /**
     * @param file what the operator wrote, or {@code null}
     * @param environment the environment's variables
     * @param properties the JVM's system properties
     */
    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.layers = new ConfigLayers(file, environment, properties);
    }

    SortedSet<String> keys() {
        return layers.keys().all();
    }

    /** A text that is not blank. */
    String text(String key) {
        return convert(key, "a text that is not empty", text -> text);
    }

    /** A text, if there is any. It may be a secret: nothing of it is ever said. */
    Optional<String> secret(String key) {
        Value value = layers.find(key);
        if (value.text().indexOf('\uFFFD') >= 0) {
            throw new StartupException(key + " (in " + value.source() + ") has characters that were lost on the way; " + LOCALE);
        }
        return Optional.of(value.text()).filter(text -> !text.isBlank());
    }

    /** A text, if there is any. */
    Optional<String> optional(String key) {
        return layers.find(key).text().isBlank() ? Optional.empty() : Optional.of(text(key));
    }

    boolean bool(String key) {
        return convert(key, "true or false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        });
    }

    int integer(String key, int least, int most) {
        return Math.toIntExact(number(key, least, most));
    }

    long number(String key, long least, long most) {
        return convert(key, "a whole number from " + least + " to " + most, text -> within(Long.valueOf(text), least, most));
    }

    Duration duration(String key, Duration least, Duration most) {
        Value value = layers.find(key);
        String hint = informal(value.text()).filter(it -> it.compareTo(least) >= 0 && it.compareTo(most) <= 0)
                .map(it -> "; write " + it).orElse("");
        return convert(key, value, "an ISO-8601 duration from " + least + " to " + most + hint, text -> {
            try {
                return within(Duration.parse(text), least, most);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(e);
            }
        });
    }

    /** What is written as the command line takes it, too. */
    private static Optional<Duration> informal(String text) {
        Matcher matcher = INFORMAL.matcher(text);
        return matcher.matches()
                ? Optional.of(Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2))))
                : Optional.empty();
    }

    /** A path of a URL that is not one of the server's own. */
    String path(String key) {
        return convert(key, "a path such as /sse, not under " + String.join(" or ", TAKEN_PATHS), text -> {
            if (!URL_PATH.matcher(text).matches()
                    || TAKEN_PATHS.stream().anyMatch(taken -> text.equals(taken) || text.startsWith(taken + "/"))) {
                throw new IllegalArgumentException();
            }
            return text;
        });
    }

    /** The name of one topic that a feed may publish to. */
    String topic(String key) {
        return convert(key, "the name of a topic, not *, nor one of the hub's own below " + HUBS_TOPICS,
                ConfigReader::requireTopic);
    }

    /** Refuses what is not the name of one topic, or is one of the hub's own. */
    public static String requireTopic(String text) {
        if (!(TopicSelector.parse(text) instanceof TopicSelector.Exact)) {
            throw new IllegalArgumentException("it must be the name of one topic, not * or a template");
        }
        if (text.startsWith(HUBS_TOPICS)) {
            throw new IllegalArgumentException("topics below " + HUBS_TOPICS + " are the hub's own");
        }
        return text;
    }

    /** The path of a file, which need not be there; empty if there is none, and none is required. */
    Path file(String key, boolean required) {
        Value value = layers.find(key);
        return value.text().isBlank() && !required
                ? Path.of("")
                : convert(key, value, "the path of a file; a feed that is enabled needs one", Path::of);
    }

    /** The path of a file, if there is one. */
    Optional<Path> optionalFile(String key) {
        Value value = layers.find(key);
        return value.text().isBlank() ? Optional.empty() : Optional.of(convert(key, value, "the path of a file", Path::of));
    }

    /** The origins of pages (RFC 6454), as browsers send them. */
    Set<String> origins(String key) {
        Value value = list(key);
        if (value.text().isBlank()) {
            return Set.of();
        }
        return convert(key, value,
                "origins such as https://example.com or http://localhost:3000, in lower case and without a path, "
                        + "or * alone",
                _ -> {
                    Set<String> origins = value.items().stream().map(String::strip).collect(toUnmodifiableSet());
                    if (!origins.equals(Set.of("*")) && !origins.stream().allMatch(origin -> ORIGIN.matcher(origin).matches())) {
                        throw new IllegalArgumentException();
                    }
                    return origins;
                });
    }

    /** Any number of addresses and ranges of them. */
    List<AddressRange> addresses(String key) {
        Value value = list(key);
        return value.text().isBlank()
                ? List.of()
                : convert(key, value, "addresses such as 127.0.0.1 and ::1, or ranges such as 10.0.0.0/8, and no names",
                        _ -> value.items().stream().map(String::strip).map(AddressRange::parse).toList());
    }

    /** One selector or more. */
    List<TopicSelector> selectors(String key) {
        Value value = list(key);
        return convert(key, value,
                "one topic or more, or * for all, with " + Subscription.MAX_VARIABLES + " variables in all at most",
                _ -> new Subscription(selectorsNoFlag(value)).selectors());
    }

    /** Any number of selectors. */
    List<TopicSelector> selectorsOrNone(String key) {
        Value value = list(key);
        return value.text().isBlank()
                ? List.of()
                : convert(key, value, "a list of topics: empty for none, * for all", _ -> selectorsNoFlag(value));
    }

    /** All topics, none, or these. */
    List<TopicSelector> selectorsOrAll(String key) {
        Value value = list(key);
        return convert(key, value, "true, false, or topics", text -> switch (text) {
            case "true" -> List.of(new TopicSelector.Any());
            case "false" -> List.of();
            case String other when LIKE_FLAG.matcher(other).matches() -> throw new IllegalArgumentException();
            default -> selectors(value);
        });
    }

    /** A list. In one line it is not written as YAML has it: the brackets would be part of a name. */
    private Value list(String key) {
        Value value = layers.find(key);
        if (value.isLine() && IN_BRACKETS.matcher(value.text()).matches()) {
            throw new StartupException(key + " is '" + value.text() + "' in " + value.source()
                    + "; there, a list has commas and no brackets, such as a,b, or is empty");
        }
        return value;
    }

    /** One item that is a flag is meant as one, as elsewhere, and not as the name of a topic. */
    private static List<TopicSelector> selectorsNoFlag(Value value) {
        if (FLAG.matcher(value.text().strip()).matches()) {
            throw new IllegalArgumentException();
        }
        return selectors(value);
    }

    private static List<TopicSelector> selectors(Value value) {
        return value.items().stream().map(String::strip).map(TopicSelector::parse).toList();
    }

    private <T> T convert(String key, String allowed, Function<String, T> conversion) {
        return convert(key, layers.find(key), allowed, conversion);
    }

    private static <T> T convert(String key, Value value, String allowed, Function<String, T> conversion) {
        if (value.text().indexOf('\uFFFD') >= 0) {
            throw new StartupException(key + " (in " + value.source() + ") has characters that were lost on the way: '"
                    + value.text() + "'; " + LOCALE);
        }
        try {
            if (value.text().isBlank()) {
                throw new IllegalArgumentException();
            }
            return conversion.apply(value.text());
        } catch (IllegalArgumentException e) {
            throw new StartupException(
                    key + " is '" + value.text() + "' in " + value.source() + "; allowed is " + allowed);
        }
    }

    private static <T extends Comparable<T>> T within(T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException();
        }
        return value;
    }
}
