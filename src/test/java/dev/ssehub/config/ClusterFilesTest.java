package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.limit.AddressRange;
import dev.ssehub.redis.RedisSettings;
import org.junit.jupiter.api.Test;

/** The files for several hubs agree with the hub, the image and each other. {@code ProxyTest} tries the configuration of the proxy. */
class ClusterFilesTest {
    private static final Path FOLDER = Path.of("config");
    private static final Path SETTINGS = FOLDER.resolve("cluster.yaml");

    private final Object compose = Deployment.yaml().load(read("compose-cluster.yaml"));
    private final Object hub = Deployment.at(compose, "services/hub-1");
    private final Object proxy = Deployment.at(compose, "services/proxy");
    private final HubConfig config = HubConfig.load(SETTINGS, Map.of(), Map.of());

    private static String read(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RedisSettings redis(HubConfig config) {
        return config.redis().orElseThrow();
    }

    @Test
    void bothNodesHaveTheSettingsOfTheFile() {
        Map<String, String> variables = ((Map<?, ?>) Deployment.at(hub, "environment")).entrySet().stream()
                .filter(entry -> !entry.getKey().equals(HubConfig.FILE)).collect(toMap(entry -> entry.getKey().toString(),
                        entry -> entry.getValue().toString().replace("${SITE:-localhost}", "hub.example.com")));

        assertThat(Deployment.load(variables).server().allowedHosts()).isEqualTo(config.server().allowedHosts());
        assertThat(Deployment.text(hub, "volumes/0"))
                .isEqualTo("./cluster.yaml:" + Deployment.text(hub, "environment/" + HubConfig.FILE) + ":ro");
        assertThat(withoutName("hub-2")).isEqualTo(withoutName("hub-1"));
        assertThat(config.historyFile()).isEmpty();
    }

    /** The settings of a service but its hostname, which must be its own name. */
    private Map<?, ?> withoutName(String service) {
        Map<?, ?> settings = new HashMap<>((Map<?, ?>) Deployment.at(compose, "services/" + service));
        assertThat(settings.remove("hostname")).isEqualTo(service);
        return settings;
    }

    @Test
    void nodesFindRedisAndItsPassword() {
        assertThat(redis(config).uri()).hasToString("redis://redis:6379");
        assertThat(redis(config).passwordFile()).contains(Path.of("/run/secrets/redis"));
        assertThat((List<?>) Deployment.at(hub, "secrets")).isEqualTo(List.of("key", "redis"));
        assertThat(Deployment.at(compose, "services/redis/secrets")).isEqualTo(List.of("redis"));
        assertThat(Deployment.text(compose, "services/redis/command/2")).contains("requirepass $$(cat /run/secrets/redis)");
        assertThat((List<?>) Deployment.at(hub, "networks")).isEqualTo(List.of("hub", "redis"));
        assertThat(Deployment.at(compose, "networks/redis/internal")).isEqualTo(true);
    }

    @Test
    void redisKeepsAllEventsAndHasTheMemoryForThem() {
        String settings = Deployment.text(compose, "services/redis/command/2");

        assertThat(settings).contains("\nappendonly yes\n", "\nmaxmemory-policy noeviction\n", "\nmaxmemory 256mb\n");
        assertThat(2 * redis(config).stream().maxBytes()).isLessThanOrEqualTo(256 << 20);
        assertThat(Deployment.text(compose, "services/redis/mem_limit")).isEqualTo("512m");
        assertThat(Deployment.text(compose, "services/redis/volumes/0")).isEqualTo("redis:/data");
    }

    @Test
    void nodesTrustTheProxyAlone() {
        String address = Deployment.text(proxy, "networks/hub/ipv4_address");
        Object network = Deployment.at(compose, "networks/hub/ipam/config/0");

        assertThat(config.server().limits().trustedProxies()).containsExactly(AddressRange.parse(address));
        Deployment.assertKeepsFree(network, address);
        assertThat(((Map<?, ?>) hub).containsKey("ports")).isFalse();
    }

    @Test
    void proxyAsksBothNodesForTheirHealth() {
        String caddy = read("cluster.Caddyfile");

        assertThat(Pattern.compile("hub-1:(\\d+) hub-2:(\\d+) \\{").matcher(caddy).results()).hasSize(2).allSatisfy(
                nodes -> assertThat(List.of(nodes.group(1), nodes.group(2))).containsOnly("" + config.server().port()));
        assertThat(caddy).contains("health_port " + config.server().observe().orElseThrow().port());
        assertThat(config.drain().delay()).isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void leavesANodeTheTimeToStopAndTheMemoryForItsHeap() throws IOException {
        Deployment.assertHasTimeToStop(config, Deployment.text(hub, "stop_grace_period"));
        Deployment.assertHasMemoryForTheHeap(Deployment.text(hub, "mem_limit"));
        assertThat((Integer) Deployment.at(hub, "ulimits/nofile")).isGreaterThan(16_384);
    }

    @Test
    void kubernetesRunsThreeNodesWithoutAFile() {
        Object patch = Deployment.yaml()
                .load(Deployment.text(Deployment.yaml().load(read("kustomization.yaml")), "patches/0/patch"));
        Object container = Deployment.at(patch, "spec/template/spec/containers/0");
        Map<String, String> variables = ((List<?>) Deployment.at(container, "env")).stream()
                .collect(toMap(variable -> Deployment.text(variable, "name"),
                        variable -> ((Map<?, ?>) variable).get("value") instanceof String text ? text : "redis://redis"));

        assertThat(Deployment.at(patch, "spec/replicas")).isEqualTo(3);
        assertThat(variables).containsEntry("SSE_HUB_HISTORY_FILE", "");
        assertThat(redis(Deployment.load(variables)).uri()).hasToString("redis://redis:6379");
        assertThat(Deployment.text(container, "readinessProbe/httpGet/path")).isEqualTo("/observe/health/live");
    }

    @Test
    void kubernetesFileCanBePatched() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/kubectl")), "kubectl is not installed");
        Process kustomize = new ProcessBuilder("kubectl", "kustomize", FOLDER.toString()).redirectErrorStream(true).start();
        String yaml = new String(kustomize.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kustomize.waitFor()).as(yaml).isZero();
        Object set = StreamSupport.stream(Deployment.yaml().loadAll(yaml).spliterator(), false)
                .filter(object -> Deployment.text(object, "kind").equals("StatefulSet")).findFirst().orElseThrow();
        Object container = Deployment.at(set, "spec/template/spec/containers/0");

        assertThat((List<?>) Deployment.at(container, "volumeMounts")).extracting(mount -> Deployment.text(mount, "name"))
                .containsExactlyInAnyOrder("config", "key");
        assertThat((List<?>) Deployment.at(container, "env")).extracting(variable -> Deployment.text(variable, "name"))
                .contains(HubConfig.FILE, "SSE_HUB_TRANSPORT_REDIS_URI");
        assertThat(Deployment.text(container, "startupProbe/httpGet/path")).isEqualTo("/observe/health/ready");
    }
}
