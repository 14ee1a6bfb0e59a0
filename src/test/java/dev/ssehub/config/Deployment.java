package dev.ssehub.config;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.limit.AddressRange;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the files that run a hub in production have in common. */
final class Deployment {
    /** How long the hub may take to stop, besides the times of {@code sse-hub.drain}. Then it ends itself. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private Deployment() {}

    static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        return new Yaml(new SafeConstructor(options));
    }

    /** Returns the value at this path of keys; a number is the index of an item in a list. */
    static Object at(Object yaml, String path) {
        Object found = yaml;
        for (String name : path.split("/")) {
            found = found instanceof List<?> list ? list.get(Integer.parseInt(name)) : ((Map<?, ?>) found).get(name);
            assertThat(found).as("%s of %s", name, path).isNotNull();
        }
        return found;
    }

    static String text(Object yaml, String path) {
        return at(yaml, path).toString();
    }

    /** Loads a configuration from variables, all of which must be variables of keys. */
    static HubConfig load(Map<String, String> variables) {
        KnownKeys keys = new KnownKeys(ConfigLayers.merge(null, Map.of(), Map.of()).keySet());
        assertThat(variables.keySet()).isNotEmpty()
                .allSatisfy(name -> assertThat(keys.ofVariable(name)).as(name).isPresent());
        return HubConfig.load(null, variables, Map.of());
    }

    /** No other container of the network gets this address. */
    static void assertKeepsFree(Object network, String address) {
        InetAddress reserved = InetAddress.ofLiteral(address);

        assertThat(AddressRange.parse(text(network, "subnet")).contains(reserved)).isTrue();
        assertThat(AddressRange.parse(text(network, "ip_range")).contains(reserved)).isFalse();
    }

    static void assertHasTimeToStop(HubConfig config, String time) {
        assertThat(Conversions.toDuration(time)).isGreaterThan(config.drain().delay().plus(config.drain().timeout()).plus(STOP));
    }

    /** The memory is a quarter more than the heap, and at least 256 MB more. */
    static void assertHasMemoryForTheHeap(String memory) throws IOException {
        Matcher heap = Pattern.compile("^-Xmx(\\d+)m$", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("config/jvm.options")));
        assertThat(heap.find()).isTrue();
        int megabytes = Integer.parseInt(heap.group(1));
        assertThat(Integer.parseInt(memory.replaceFirst("[Mm]i?$", ""))).isGreaterThanOrEqualTo(megabytes + megabytes / 4)
                .isGreaterThanOrEqualTo(megabytes + 256);
    }
}
