package dev.ssehub;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

import dev.ssehub.hub.Subscription;
import dev.ssehub.hub.TopicSelector;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.config.spi.ConfigSource;
import io.helidon.config.yaml.YamlConfigParser;

/**
 * Finds values by key and checks them. Every mistake is an {@link StartupException}. Which keys there are, and their
 * defaults, is said by the built-in file alone.
 */
final class ConfigReader {

    private static final Pattern URL_PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");
    private static final String HUBS_TOPICS = "/.well-known/mercure/";
    private static final List<String> TAKEN_PATHS = List.of("/static", "/observe", "/.well-known");

    private final ConfigKeys keys;
    private final Config defaults;
    private final Config file;
    private final String fileName;
    private final Map<String, String> environment;
    private final Map<String, String> properties;

    /** @param items
     *            more than one, or none, if it is a list */
    private record Value(List<String> items, String source) {
        String text() {
            return String.join(",", items);
        }
    }

    /**
     * @param file
     *            what the operator wrote, or {@code null}
     * @param environment
     *            the environment's variables
     * @param properties
     *            the JVM's system properties
     */
    ConfigReader(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.defaults = parse(ConfigSources.classpath("dev/ssehub/application.yaml").parser(YamlConfigParser.create()).build());
        this.keys = new ConfigKeys(defaults);
        this.fileName = String.valueOf(file);
        this.file = file == null ? Config.empty() : parse(file);
        this.environment = environment;
        this.properties = properties;
        keys.requireKnown(this.file, fileName);
        properties.keySet().stream().filter(name -> name.startsWith("sse-hub."))
                .forEach(name -> keys.requireKnown(name, "the system properties"));
    }

    SortedSet<String> keys() {
        return keys.all();
    }

    /** A text that is not blank. */
    String text(String key) {
        return convert(key, "a text that is not empty", text -> text);
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
        return convert(key, "an ISO-8601 duration from " + least + " to " + most, text -> {
            try {
                return within(Duration.parse(text), least, most);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(e);
            }
        });
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
    static String requireTopic(String text) {
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
        Value value = find(key);
        return value.text().isBlank() && !required
                ? Path.of("")
                : convert(key, value, "the path of a file; a feed that is enabled needs one", Path::of);
    }

    /** One selector or more. */
    List<TopicSelector> selectors(String key) {
        Value value = find(key);
        return convert(key, value, "one topic or more, or *, with " + Subscription.MAX_VARIABLES + " variables in all at most",
                _ -> new Subscription(selectors(value)).selectors());
    }

    /** Any number of selectors. */
    List<TopicSelector> selectorsOrNone(String key) {
        Value value = find(key);
        return value.text().isBlank() ? List.of() : convert(key, value, "topics, or *, or none", _ -> selectors(value));
    }

    private static List<TopicSelector> selectors(Value value) {
        return value.items().stream().map(String::strip).map(TopicSelector::parse).toList();
    }

    private <T> T convert(String key, String allowed, Function<String, T> conversion) {
        return convert(key, find(key), allowed, conversion);
    }

    private static <T> T convert(String key, Value value, String allowed, Function<String, T> conversion) {
        if (value.text().indexOf('\uFFFD') >= 0) {
            throw new StartupException(
                    key + " (in " + value.source() + ") has characters that were lost on the way: '" + value.text()
                            + "'; the locale must be one of UTF-8, such as LANG=C.UTF-8");
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

    private Value find(String key) {
        String property = properties.get(key);
        if (property != null) {
            return new Value(items(property), "the system properties");
        }
        String variableName = variable(key);
        String variable = environment.get(variableName);
        if (variable != null) {
            return new Value(items(variable), "the environment variable " + variableName);
        }
        Config written = file.get(key);
        return written.exists() ? new Value(items(written), fileName) : new Value(items(defaults.get(key)), "the defaults");
    }

    /** The name of the environment variable for a key. */
    static String variable(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** Lists are separated by commas where there is but one line; those within the braces of a template are its own. */
    private static List<String> items(String line) {
        return List.of(line.split(",(?![^{]*})", -1));
    }

    private static List<String> items(Config node) {
        return node.isLeaf() ? items(node.asString().orElse("")) : node.asList(String.class).orElse(List.of());
    }

    private static <T extends Comparable<T>> T within(T value, T least, T most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    private static Config parse(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new StartupException("the configuration file " + file + " cannot be read: "
                    + (Files.exists(file)
                            ? Files.isDirectory(file) ? "it is a directory" : "no permission"
                            : "there is no such file"));
        }
        try {
            refuseDuplicateKeys(file);
            return parse(ConfigSources.file(file).parser(YamlConfigParser.create()).build());
        } catch (ConfigException | YAMLException | IOException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new StartupException("the configuration file " + file + " is not valid YAML: "
                    + (cause instanceof ClassCastException
                            ? "its top level must be keys with values"
                            : String.valueOf(cause.getMessage()).replaceAll("\\s+", " ").strip()));
        }
    }

    /** Helidon takes the last of several; what the others say would be lost. */
    private static void refuseDuplicateKeys(Path file) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (Reader reader = Files.newBufferedReader(file)) {
            new Yaml(new SafeConstructor(options)).<Object>load(reader);
        }
    }

    private static Config parse(ConfigSource source) {
        return Config.builder(source).disableEnvironmentVariablesSource().disableSystemPropertiesSource().disableValueResolving()
                .disableKeyResolving().build();
    }
}
