package dev.ssehub.config;

import module java.base;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The compose file agrees with the hub, the image and itself. {@code ProxyTest} tries the configuration of its proxy. */
class ComposeFileTest {
    private final Object compose = read();
    private final Object hub = Deployment.at(compose, "services/sse-hub");
    private final Object proxy = Deployment.at(compose, "services/proxy");

    private static Object read() {
        try {
            return Deployment.yaml().load(Files.readString(Path.of("config/compose.yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HubConfig config() {
        return Deployment.load(((Map<?, ?>) Deployment.at(hub, "environment")).entrySet().stream()
                .collect(toMap(entry -> entry.getKey().toString(),
                        entry -> entry.getValue().toString().replace("${SITE:-localhost}", "hub.example.com"))));
    }

    @Test
    void trustsTheProxyAloneAndHidesThePortForOperators() throws IOException {
        HubConfig config = config();

        assertThat(Deployment.text(hub, "environment/SSE_HUB_LIMITS_TRUSTED_PROXIES"))
                .isEqualTo(Deployment.text(proxy, "networks/hub/ipv4_address"));
        Deployment.assertKeepsFree(Deployment.at(compose, "networks/hub/ipam/config/0"),
                Deployment.text(proxy, "networks/hub/ipv4_address"));
        assertThat(config.server().observe().orElseThrow().port()).isNotEqualTo(config.server().port());
        assertThat(((Map<?, ?>) hub).containsKey("ports")).isFalse();
        assertThat(Files.readString(Path.of("config/Caddyfile"))).contains("reverse_proxy sse-hub:" + config.server().port());
    }

    @Test
    void keepsTheHistoryInAVolumeThatTheImageHas() throws IOException {
        Path folder = config().historyFile().orElseThrow().path().getParent();

        assertThat(Deployment.text(hub, "volumes/0")).isEqualTo("data:" + folder);
        assertThat(Files.readString(Path.of("Dockerfile"))).contains("install -d -m 700 -o 10001 -g 10001 " + folder);
        String secret = Deployment.text(hub, "secrets/0");
        assertThat(Deployment.text(hub, "environment/SSE_HUB_AUTH_KEY_FILE")).isEqualTo("/run/secrets/" + secret);
        assertThat(Deployment.text(compose, "secrets/" + secret + "/file")).isEqualTo("../secret");
    }

    @Test
    void leavesTheHubTheTimeToStopAndTheMemoryForItsHeap() throws IOException {
        Deployment.assertHasTimeToStop(config(), Deployment.text(hub, "stop_grace_period"));
        Deployment.assertHasMemoryForTheHeap(Deployment.text(hub, "mem_limit"));
        assertThat((Integer) Deployment.at(hub, "ulimits/nofile")).isGreaterThan(16_384);
    }
}
