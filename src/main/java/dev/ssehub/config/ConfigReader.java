package dev.ssehub.config;

import module java.base;
import static dev.ssehub.config.Conversions.FLAG;
import static dev.ssehub.config.Conversions.LIKE_FLAG;
import static dev.ssehub.config.Conversions.require;
import static dev.ssehub.config.Conversions.toBytes;
import static dev.ssehub.config.Conversions.toDuration;
import static dev.ssehub.config.Conversions.toFlag;
import static dev.ssehub.config.Conversions.toLevels;
import static dev.ssehub.config.Conversions.toSelectors;
import static dev.ssehub.config.Conversions.within;

import dev.ssehub.access.Mercure;
import dev.ssehub.access.ReservedTopics;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Finds values by key, converts and checks them. A wrong value throws a {@link StartupException} that says what is allowed. */
public final class ConfigReader {
    private static final Pattern URL_PATH = Pattern.compile(
            "(?!/(static|observe|\\.well-known)(/|$))(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_-]+");
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*");
    private static final char LOST = '\uFFFD'; // the JVM puts it in place of bytes that it cannot decode
    private static final String LOCALE = "the locale must be one of UTF-8, such as LANG=C.UTF-8";

    private final Map<String, Value> values;

    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.values = ConfigLayers.merge(file, environment, properties);
    }

    private ConfigReader(Map<String, Value> values) {
        this.values = values;
    }

    /** Adds where the key was set to a message that begins with a key and a colon. Returns any other message unchanged. */
    public String locate(@Nullable String message) {
        String text = String.valueOf(message);
        String key = text.substring(0, Math.max(0, text.indexOf(": ")));
        Value value = values.get(key);
        return value == null ? text : value.place().locate(key) + text.substring(key.length());
    }

    /** Returns the value of every key. */
    Map<String, Value> values() {
        return values;
    }

    /** Returns whether the file has set a key. */
    public boolean isInFile() {
        return values.values().stream().anyMatch(value -> value.place().isInFile());
    }

    /** Returns every key with its value, without secrets, in the order of the defaults. */
    public List<Setting> settings() {
        return values.values().stream()
                .map(value -> Setting.of(value, Objects.requireNonNull(ConfigLayers.DEFAULTS.get(value.key())))).toList();
    }

    /** Returns a mistake whose message begins with the key. */
    StartupException mistake(String key, String rest) {
        return find(key).mistake(rest);
    }

    boolean isSet(String key) {
        return !find(key).text().isBlank();
    }

    String text(String key) {
        return convert(key, "a text that is not empty", text -> text);
    }

    Optional<String> optionalText(String key) {
        return isSet(key) ? Optional.of(text(key)) : Optional.empty();
    }

    /** Returns a text that no message shows. */
    Optional<String> secret(String key) {
        Value value = find(key);
        if (value.text().indexOf(LOST) >= 0) {
            throw value.mistake(" has characters that were lost on the way; " + LOCALE);
        }
        return Optional.of(value.text()).filter(Predicate.not(String::isBlank));
    }

    boolean bool(String key) {
        return convert(key, "true or false", Conversions::toFlag);
    }

    int integer(String key, int least, int most) {
        return convert(key, "a whole number from " + least + " to " + most, text -> within(Integer.valueOf(text), least, most));
    }

    Optional<Integer> optionalInteger(String key, int least, int most) {
        return isSet(key) ? Optional.of(integer(key, least, most)) : Optional.empty();
    }

    /** Returns a number of bytes. */
    int size(String key, int least, int most) {
        return Math.toIntExact(size(key, (long) least, most));
    }

    /** Returns a number of bytes. */
    long size(String key, long least, long most) {
        return convert(key, "a whole number of bytes from " + least + " to " + most + ", or a size such as 64KiB, 1MiB or 1GiB",
                text -> within(toBytes(text), least, most));
    }

    /** Returns a duration. The limits are written as operators write them. */
    Duration duration(String key, String least, String most) {
        return convert(key, "a duration from " + least + " to " + most + ", such as 500ms, 15s, 2m, 1h, 1d, or ISO-8601 (PT15S)",
                text -> within(toDuration(text), toDuration(least), toDuration(most)));
    }

    Optional<URI> optionalUrl(String key) {
        return isSet(key)
                ? Optional.of(convert(key, "a URL such as http://localhost:4318, without a user, a query or a fragment",
                        Conversions::toUrl))
                : Optional.empty();
    }

    /** Returns the path of a URL. The path must not be one that the server uses itself. */
    String path(String key) {
        return convert(key, "a path such as /sse, not under /static or /observe or /.well-known",
                text -> require(URL_PATH.matcher(text).matches(), text));
    }

    /** Returns the name of one topic that a feed may publish to. */
    String topic(String key) {
        return convert(key, "the name of a topic, not *, nor one of the hub's own, at or below " + Mercure.PATH,
                text -> ReservedTopics.requireOther(text).text());
    }

    /** Returns the path of a feed's file. The file need not exist. The path is empty if it is neither set nor required. */
    Path feedFile(String key, boolean required) {
        return isSet(key) || required
                ? convert(key, "the path of a file; a feed that is enabled needs one", Path::of)
                : Path.of("");
    }

    Optional<Path> optionalFile(String key) {
        return isSet(key) ? Optional.of(convert(key, "the path of a file", Path::of)) : Optional.empty();
    }

    /** Returns the origins of pages; may be empty. */
    Set<String> origins(String key) {
        return Set.copyOf(listOrNone(key, Origins.allowed(find(key).items()),
                value -> require(Origins.areSent(value.items()), value.items())));
    }

    /** Returns the names of hosts; may be empty. */
    Set<String> hosts(String key) {
        return Set.copyOf(listOrNone(key,
                "names such as hub.example.com or *.example.com, in lower case, without a scheme, a port or a path",
                value -> require(value.items().stream().allMatch(HOST.asMatchPredicate()), value.items())));
    }

    /** Returns addresses and ranges of addresses; may be empty. */
    List<AddressRange> addresses(String key) {
        return listOrNone(key,
                "addresses such as 127.0.0.1 and ::1, or ranges such as 10.0.0.0/8, with all their numbers, and no "
                        + "names",
                value -> value.items().stream().map(AddressRange::parse).toList());
    }

    /** Returns selectors; may be empty. */
    List<TopicSelector> selectorsOrNone(String key) {
        return listOrNone(key, "a list of topics: empty for none, * for all", value -> toSelectors(value, FLAG));
    }

    /** Returns at least one selector. */
    List<TopicSelector> selectors(String key) {
        Value value = list(key);
        return convert(value, "one topic or more, or * for all, with " + Subscription.MAX_VARIABLES + " variables in all at most",
                _ -> new Subscription(toSelectors(value, FLAG)).selectors());
    }

    /** Returns all topics for true, none for false, or selectors. Refuses any other word, which may be a misspelled flag. */
    List<TopicSelector> selectorsOrAll(String key) {
        Value value = list(key);
        String word = value.text().strip();
        boolean isWord = !value.isList() && WORD.matcher(word).matches();
        String list = value.place().isInFile() ? "[" + word + "]" : word + ", (with the comma)";
        String hint = isWord && !LIKE_FLAG.matcher(word).matches() ? "; for a list of one topic, write " + list : "";
        return convert(value, "true, false, or topics" + hint, text -> {
            if (!isWord) {
                return toSelectors(value, LIKE_FLAG);
            }
            return toFlag(text) ? List.of(new TopicSelector.Any()) : List.of();
        });
    }

    /** Returns one selector. */
    TopicSelector selector(String key) {
        Value value = find(key);
        return convert(value, "a topic, a template, or *", text -> TopicSelector.parse(require(!value.isList(), text)));
    }

    /** Returns the constant of an enum whose name is the text in lower case. */
    <E extends Enum<E>> E constant(String key, Class<E> type) {
        List<E> constants = List.of(type.getEnumConstants());
        List<String> names = constants.stream().map(constant -> constant.name().toLowerCase(Locale.ROOT)).toList();
        return convert(key, String.join(" or ", names),
                text -> constants.get(names.indexOf(require(names.contains(text), text))));
    }

    /** Returns the levels of loggers; may be empty. */
    Map<String, Level> levels(String key) {
        Value value = find(key);
        return value.text().isBlank()
                ? Map.of()
                : convert(value,
                        "a level (trace, debug, info, warning, error, off) for each logger, such as {dev.ssehub.keys: debug} "
                                + "in a file, and dev.ssehub.keys=debug elsewhere",
                        _ -> toLevels(value.items()));
    }

    /** Returns a reader for each section of a list; may be empty. A key that a section leaves out is not set. */
    List<ConfigReader> sections(String key, String allowed) {
        Value list = find(key);
        if (list.sections().isEmpty() && !list.text().isBlank()) {
            throw list.wrong("; it must be a list of " + allowed + ", in the configuration file");
        }
        return list.sections().stream().map(ConfigReader::new).toList();
    }

    private Value find(String key) {
        return Objects.requireNonNull(values.get(key));
    }

    private Value list(String key) {
        return find(key).requireListNotation();
    }

    private <T> List<T> listOrNone(String key, String allowed, Function<Value, List<T>> conversion) {
        Value value = list(key);
        return value.text().isBlank() ? List.of() : convert(value, allowed, _ -> conversion.apply(value));
    }

    <T> T convert(String key, String allowed, Function<String, T> conversion) {
        return convert(find(key), allowed, conversion);
    }

    private static <T> T convert(Value value, String allowed, Function<String, T> conversion) {
        if (value.text().indexOf(LOST) >= 0) {
            throw value.mistake(" has characters that were lost on the way: '" + value.shown() + "'; " + LOCALE);
        }
        try {
            return conversion.apply(require(!value.text().isBlank(), value.text()));
        } catch (IllegalArgumentException | ArithmeticException e) { // ArithmeticException: a size that no long can hold
            throw value.wrong("; it must be " + allowed);
        }
    }
}
