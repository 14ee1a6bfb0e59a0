package dev.ssehub.config;

import module java.base;
import dev.ssehub.config.Value.Place;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Reads the defaults, the file, the environment and the system properties. A later source overrides the values of the earlier ones. */
final class ConfigLayers {
    private static final System.Logger LOG = System.getLogger(ConfigLayers.class.getName());
    /** The sections at the top level. */
    private static final Pattern ROOTS = Pattern.compile("(sse-hub|server|logging|otlp)\\..*");
    /** Variables of these sections. Only those of the first are surely meant for the hub. */
    private static final Pattern VARIABLES = Pattern.compile("(SSE_HUB|SERVER|LOGGING|OTLP)_.*");
    /** Variables that set no key: the name of the file, and those that an orchestrator sets for a service named sse-hub. */
    private static final Pattern NO_KEY = Pattern.compile("SSE_HUB_(CONFIG|SERVICE_.*|PORT(_.*)?)");
    private static final int MAX_SIZE = 1 << 20;

    /** The values of the defaults, in their order. */
    static final SequencedMap<String, Value> DEFAULTS = Collections
            .unmodifiableSequencedMap(new LinkedHashMap<>(StrictYaml.read(defaults(), _ -> Place.in("the defaults"))));

    /** The value of every key. Only the defaults say which keys exist. */
    private final Map<String, Value> values = new LinkedHashMap<>(DEFAULTS);
    private final KnownKeys keys = new KnownKeys(values.keySet());

    /** Returns the value of every key. */
    static Map<String, Value> merge(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        ConfigLayers layers = new ConfigLayers();
        if (file != null) {
            StrictYaml.read(content(file), line -> new Place(file.toString(), line)).values().forEach(layers::set);
        }
        environment.forEach(layers::setVariable);
        properties.forEach((name, text) -> {
            if (ROOTS.matcher(name).matches()) {
                layers.set(Value.split(name, text, Place.in("the system properties")));
            }
        });
        return layers.values;
    }

    private void set(Value value) {
        keys.require(value);
        values.replace(value.key(), value); // not put(), because an empty section is not a key
    }

    /** Sets the key that a variable names. If no key has this variable, it is ignored, with a warning if it was meant for the hub. */
    private void setVariable(String name, String text) {
        if (!VARIABLES.matcher(name).matches() || NO_KEY.matcher(name).matches()) {
            return;
        }
        Place place = Place.in("the environment variable " + name);
        Optional<String> key = keys.ofVariable(name);
        if (key.isPresent()) {
            set(Value.split(key.get(), text, place));
            return;
        }
        Optional<String> nearest = keys.nearestVariable(name);
        if (nearest.isPresent() || name.startsWith("SSE_HUB_")) {
            LOG.log(Level.WARNING, place.source() + " sets nothing" + nearest.map(it -> "; the nearest is " + it).orElse(""));
        }
    }

    private static String content(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_SIZE + 1);
            if (bytes.length > MAX_SIZE) { // by mistake another file, which must not take the memory of a hub that reads it again
                throw new StartupException("the configuration file " + file + " has more than 1 MiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (IOException e) {
            throw new StartupException("the configuration file " + file + " cannot be read: " + switch (e) {
                case CharacterCodingException _ -> "it is not UTF-8";
                case NoSuchFileException _ -> "there is no such file";
                case AccessDeniedException _ -> "no permission";
                default -> Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
            });
        }
    }

    private static String defaults() {
        try (InputStream in = Objects.requireNonNull(ConfigLayers.class.getResourceAsStream("application.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
