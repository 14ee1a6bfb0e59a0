package dev.ssehub.config;

import module java.base;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The sources of values: the system properties, the environment, the file and the built-in defaults. The first source that has
 * a key decides. Only the built-in defaults say which keys exist.
 */
final class ConfigLayers {

    /** The environment variable that names the configuration file. */
    static final String FILE = "SSE_HUB_CONFIG";

    private static final System.Logger LOG = System.getLogger(ConfigLayers.class.getName());
    /** Variables that an orchestrator sets for a service named sse-hub. */
    private static final Pattern ORCHESTRATORS = Pattern.compile("SSE_HUB_(SERVICE_.*|PORT(_.*)?)");
    private static final Place PROPERTIES = Place.in("the system properties");

    private ConfigLayers() {}

    /** Returns the value of every key that exists. */
    static Map<String, Value> merge(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        Map<String, Value> defaults = StrictYaml.read(builtIn(), _ -> Place.in("the defaults"));
        Map<String, Value> written = file == null
                ? Map.of()
                : StrictYaml.read(content(file), line -> new Place(file.toString(), line));
        KnownKeys keys = new KnownKeys(defaults.keySet());
        written.values().forEach(value -> check(value, keys));
        environment.keySet().forEach(name -> checkVariable(name, keys));
        properties.keySet().stream().filter(name -> name.startsWith("sse-hub.") || name.startsWith("server."))
                .forEach(name -> keys.requireKnown(name, PROPERTIES));
        Map<String, Value> values = new HashMap<>(defaults);
        values.replaceAll((key, value) -> {
            String variable = KnownKeys.variable(key);
            String property = properties.get(key);
            String content = environment.get(variable);
            if (property != null) {
                return Value.split(key, property, PROPERTIES);
            }
            return content != null
                    ? Value.split(key, content, Place.in("the environment variable " + variable))
                    : written.getOrDefault(key, value);
        });
        return values;
    }

    /** Refuses a value in the file whose key is not known. A section may be empty. */
    private static void check(Value value, KnownKeys keys) {
        if (!keys.isSection(value.key())) {
            keys.requireKnown(value.key(), value.place());
        } else if (!value.isEmpty()) {
            throw value.mistake(" is a section of keys, not a value");
        }
    }

    /** Warns about a variable that sets nothing. A variable that begins with SERVER_ may belong to another program. */
    private static void checkVariable(String name, KnownKeys keys) {
        keys.requireNotMoved(name);
        if ((name.startsWith("SSE_HUB_") || name.startsWith("SERVER_")) && !name.equals(FILE)
                && !ORCHESTRATORS.matcher(name).matches() && !keys.hasVariable(name)) {
            Optional<String> nearest = keys.nearestVariable(name);
            if (nearest.isPresent() || name.startsWith("SSE_HUB_")) {
                LOG.log(Level.WARNING, "the environment variable " + name + " sets nothing"
                        + nearest.map(variable -> "; the nearest is " + variable).orElse(""));
            }
        }
    }

    private static String content(Path file) {
        String reason;
        try {
            if (Files.isReadable(file) && !Files.isDirectory(file)) {
                return Files.readString(file);
            }
            reason = Files.isDirectory(file)
                    ? "it is a directory"
                    : Files.exists(file) ? "no permission" : "there is no such file";
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
