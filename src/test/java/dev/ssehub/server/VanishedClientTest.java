package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.transport.LocalTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A client whose network goes away: no FIN, no RST, nothing. It lives in a network namespace of its own, behind a cable that
 * can be pulled.
 */
@Tag("alone")
class VanishedClientTest {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(2);

    private final long id = ProcessHandle.current().pid() % 10_000;
    private final String namespace = "hub" + id;
    private final String here = "hub" + id + "a";
    private final String there = "hub" + id + "b";
    /** Random, because other runs of this test on the machine need other addresses. */
    private final String hubAddress = "10.213.%d.%d".formatted(id / 64, id % 64 * 4 + 1);
    private final String clientAddress = "10.213.%d.%d".formatted(id / 64, id % 64 * 4 + 2);
    private Process client;

    @Test
    void noticesAVanishedClientAfterHeartbeatAndWriteTimeout() throws Exception {
        makeNetwork();
        Meters meters = new Meters();
        Hub hub = new Hub(new HubSettings(HEARTBEAT, WRITE_TIMEOUT, new Mailbox.Limits(16, 1 << 20),
                new Limits(10, Duration.ofHours(1), 1 << 20)), new LocalTransport(InstantSource.system()),
                meters, InstantSource.system());
        TestSettings settings = new TestSettings();
        settings.host = "0.0.0.0";
        settings.writeTimeout = WRITE_TIMEOUT;
        try (hub; HubServer server = TestHub.serve(hub, settings)) {
            client = new ProcessBuilder("ip", "netns", "exec", namespace, "curl", "-sN",
                    "http://" + hubAddress + ":" + server.port() + "/sse").redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            await().atMost(Duration.ofSeconds(10)).until(() -> hub.subscribers() == 1);

            run("ip", "-n", namespace, "link", "set", there, "down");
            long start = System.nanoTime();
            await().atMost(Duration.ofSeconds(20)).until(() -> hub.subscribers() == 0);

            // the kernel's timer rounds up a little
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(HEARTBEAT.plus(WRITE_TIMEOUT).plusMillis(700));
            assertThat(client.isAlive()).as("the client has closed nothing").isTrue();
            assertThat(new String(meters.scrape(), StandardCharsets.UTF_8))
                    .contains("sse_hub_streams_ended_total{reason=\"timed-out\"} 1.0\n");
        }
    }

    private void makeNetwork() throws Exception {
        boolean possible = run("ip", "netns", "add", namespace)
                && run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", namespace)
                && run("ip", "addr", "add", hubAddress + "/30", "dev", here) && run("ip", "link", "set", here, "up")
                && run("ip", "-n", namespace, "addr", "add", clientAddress + "/30", "dev", there)
                && run("ip", "-n", namespace, "link", "set", there, "up");
        if (System.getenv("CI") != null) {
            assertThat(possible).as("CI can make network namespaces").isTrue();
        }
        String reason = "SKIPPED: a client that vanishes is simulated with a network namespace, which takes Linux, root, iproute2"
                + " and curl; run the tests as root to include it";
        if (!possible) {
            System.out.println(reason);
        }
        assumeTrue(possible, reason);
    }

    @AfterEach
    void removeNetwork() throws Exception {
        if (client != null) {
            client.destroyForcibly().waitFor();
        }
        run("ip", "link", "del", here);
        run("ip", "netns", "del", namespace);
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // the program is not installed
        }
    }
}
