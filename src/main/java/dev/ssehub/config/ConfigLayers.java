package dev.ssehub.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sources of values: the system properties, the environment, the file and the built-in defaults. The first source that has
 * a key decides. The built-in file alone says which keys there are.
 */
final class ConfigLayers {

    /** The environment variable that names the configuration file. */
    static final String FILE = "SSE_HUB_CONFIG";

    private static final System.Logger LOG = System.getLogger(ConfigLayers.class.getName());
    /** Variables that an orchestrator sets for a service named sse-hub. */
    private static final Pattern ORCHESTRATORS = Pattern.compile("SSE_HUB_(SERVICE_.*|PORT(_.*)?)");
    /** Commas separate the items of a list in one line, except within the braces of a template. */
    private static final Pattern COMMA = Pattern.compile(",(?![^{]*})");

    private final KnownKeys keys;
    private final Map<String, StrictYaml.Entry> defaults;
    private final Map<String, StrictYaml.Entry> file;
    private final String fileName;
    private final Map<String, String> environment;
    private final Map<String, String> properties;

    /**
     * A value with its place.
     *
     * @param text the value in one line
     * @param items the items of a list; otherwise the value alone
     * @param isList whether the value is written as a list
     * @param isLine whether the source has one line for a value, so that a list is written with commas
     */
    record Value(String key, String text, List<String> items, boolean isList, boolean isLine, Place place) {

        private static Value of(String key, StrictYaml.Entry entry, Place place) {
            return new Value(key, String.join(",", entry.items()), entry.items(), entry.isList(), false, place);
        }

        /** A comma at the end makes one item a list. */
        private static Value of(String key, String line, String source) {
            List<String> items = new ArrayList<>(List.of(COMMA.split(line, -1)));
            boolean isList = items.size() > 1;
            if (isList && items.getLast().isBlank()) {
                items.removeLast();
            }
            return new Value(key, line, List.copyOf(items), isList, true, Place.in(source));
        }
    }

    ConfigLayers(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.defaults = StrictYaml.read("the defaults", builtIn());
        this.keys = new KnownKeys(defaults.keySet());
        this.fileName = String.valueOf(file);
        this.file = file == null ? Map.of() : StrictYaml.read(fileName, content(file));
        this.environment = environment;
        this.properties = properties;
        this.file.forEach(this::check);
        environment.keySet().forEach(this::checkVariable);
        properties.keySet().stream().filter(name -> name.startsWith("sse-hub.") || name.startsWith("server."))
                .forEach(name -> keys.requireKnown(name, Place.in("the system properties")));
    }

    private void check(String key, StrictYaml.Entry entry) {
        Place place = Place.line(fileName, entry.line());
        if (!keys.isSection(key)) {
            keys.requireKnown(key, place);
        } else if (!entry.isEmpty()) {
            throw place.mistake(key, " is a section of keys, not a value");
        }
    }

    /** Warns about a variable that sets nothing. A variable that begins with SERVER_ may belong to another program. */
    private void checkVariable(String name) {
        keys.requireNotMoved(name);
        if ((name.startsWith("SSE_HUB_") || name.startsWith("SERVER_")) && !name.equals(FILE)
                && !ORCHESTRATORS.matcher(name).matches()
                && keys.all().stream().noneMatch(key -> KnownKeys.variable(key).equals(name))) {
            Optional<String> nearest = keys.nearestVariable(name);
            if (nearest.isPresent() || name.startsWith("SSE_HUB_")) {
                LOG.log(Level.WARNING, "the environment variable " + name + " sets nothing"
                        + nearest.map(variable -> "; the nearest is " + variable).orElse(""));
            }
        }
    }

    KnownKeys keys() {
        return keys;
    }

    /** Returns the value that decides. */
    Value find(String key) {
        String property = properties.get(key);
        if (property != null) {
            return Value.of(key, property, "the system properties");
        }
        String variable = KnownKeys.variable(key);
        String content = environment.get(variable);
        if (content != null) {
            return Value.of(key, content, "the environment variable " + variable);
        }
        StrictYaml.Entry written = file.get(key);
        return written == null
                ? Value.of(key, Objects.requireNonNull(defaults.get(key)), Place.in("the defaults"))
                : Value.of(key, written, Place.line(fileName, written.line()));
    }

    private static String content(Path file) {
        String reason;
        try {
            if (Files.isReadable(file) && !Files.isDirectory(file)) {
                return Files.readString(file);
            }
            reason = Files.exists(file)
                    ? Files.isDirectory(file) ? "it is a directory" : "no permission"
                    : "there is no such file";
        } catch (CharacterCodingException e) {
            reason = "it is not UTF-8";
        } catch (IOException e) {
            reason = String.valueOf(e.getMessage());
        }
        throw new StartupException("the configuration file " + file + " cannot be read: " + reason);
    }

    private static String builtIn() {
        try (InputStream in = ConfigLayers.class.getResourceAsStream("application.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
