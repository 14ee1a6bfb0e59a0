package dev.ssehub.config;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.YAMLException;

import dev.ssehub.Main;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.config.spi.ConfigSource;
import io.helidon.config.yaml.YamlConfigParser;

/**
 * Where values come from: the system properties, the environment, the file and the built-in defaults; the first that has a key
 * decides. Every mistake is a {@link StartupException}. Which keys there are, and their defaults, is said by the built-in file
 * alone.
 */
final class ConfigLayers {

    private static final System.Logger LOG = System.getLogger(ConfigLayers.class.getName());
    private static final Pattern ORCHESTRATORS = Pattern.compile("SSE_HUB_(SERVICE_.*|PORT(_.*)?)");

    private final KnownKeys keys;
    private final Config defaults;
    private final Config file;
    private final String fileName;
    private final Map<String, String> environment;
    private final Map<String, String> properties;

    /**
     * @param items more than one, or none, if it is a list
     * @param source where it is from
     * @param isLine whether there is but one line for a list, too
     */
    record Value(List<String> items, String source, boolean isLine) {
        String text() {
            return String.join(",", items);
        }
    }

    /**
     * @param file what the operator wrote, or {@code null}
     * @param environment the environment's variables
     * @param properties the JVM's system properties
     */
    ConfigLayers(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        this.defaults = parse(
                ConfigSources.classpath("dev/ssehub/config/application.yaml").parser(YamlConfigParser.create()).build());
        this.keys = new KnownKeys(defaults);
        this.fileName = String.valueOf(file);
        this.file = file == null ? Config.empty() : parse(file);
        this.environment = environment;
        this.properties = properties;
        keys.requireKnown(this.file, fileName);
        environment.keySet().stream().filter(this::setsNothing).forEach(this::warn);
        properties.keySet().stream().filter(name -> name.startsWith("sse-hub.") || name.startsWith("server."))
                .forEach(name -> keys.requireKnown(name, "the system properties"));
    }

    /** What an orchestrator sets for a service of this name is no mistake. */
    private boolean setsNothing(String name) {
        return (name.startsWith("SSE_HUB_") || name.startsWith("SERVER_")) && !name.equals(Main.CONFIG)
                && !ORCHESTRATORS.matcher(name).matches() && keys.all().stream().noneMatch(key -> variable(key).equals(name));
    }

    /** One that begins with SERVER_ may be meant for somebody else. */
    private void warn(String name) {
        Optional<String> nearest = keys.nearestVariable(name);
        if (nearest.isPresent() || name.startsWith("SSE_HUB_")) {
            LOG.log(Level.WARNING, "the environment variable " + name + " sets nothing"
                    + nearest.map(variable -> "; the nearest is " + variable).orElse(""));
        }
    }

    KnownKeys keys() {
        return keys;
    }

    /** The value that decides. */
    Value find(String key) {
        String property = properties.get(key);
        if (property != null) {
            return new Value(items(property), "the system properties", true);
        }
        String variableName = variable(key);
        String variable = environment.get(variableName);
        if (variable != null) {
            return new Value(items(variable), "the environment variable " + variableName, true);
        }
        Config written = file.get(key);
        return written.exists()
                ? new Value(items(written), fileName, false)
                : new Value(items(defaults.get(key)), "the defaults", false);
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

    private static Config parse(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new StartupException("the configuration file " + file + " cannot be read: "
                    + (Files.exists(file)
                            ? Files.isDirectory(file) ? "it is a directory" : "no permission"
                            : "there is no such file"));
        }
        try {
            ConfigDuplicates.refuse(file);
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

    private static Config parse(ConfigSource source) {
        return Config.builder(source).disableEnvironmentVariablesSource().disableSystemPropertiesSource().disableValueResolving()
                .disableKeyResolving().build();
    }
}
