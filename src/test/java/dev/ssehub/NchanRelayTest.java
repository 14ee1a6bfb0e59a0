package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.config.HubConfig;
import dev.ssehub.server.ForeignServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestPort;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay of nchan, which is a module of nginx, through its restarts and those of the hub. */
@Timeout(60)
class NchanRelayTest {
    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");
    private static final String CONFIG = ForeignServer.nginx("load_module " + MODULE + ";\nworker_processes 1;", """
            listen 127.0.0.1:PORT;
            location = /publish {
                nchan_publisher;
                nchan_channel_id app;
                nchan_message_buffer_length 1000;
            }
            location = /events {
                nchan_subscriber eventsource;
                nchan_channel_id app;
                nchan_subscriber_first_message oldest;
            }
            """);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;
    private final int port = TestPort.free();
    private final HttpClient http = HttpClient.newHttpClient();
    private ForeignServer nginx;

    @BeforeEach
    void start() throws Exception {
        boolean installed = Files.isReadable(MODULE);
        if (!installed) {
            System.out.println("skipped: nchan is not installed");
        }
        assumeTrue(installed, "nchan is not installed");
        startNginx();
        Files.writeString(folder.resolve("hub.yaml"),
                "sse-hub.feeds.relay: [{url: 'http://127.0.0.1:" + port + "/events', topic: app}]");
    }

    @AfterEach
    void stop() throws Exception {
        if (nginx != null) {
            stopNginx();
        }
        http.close();
    }

    private void startNginx() throws IOException {
        nginx = ForeignServer.start(ForeignServer.NGINX, CONFIG, folder, port);
    }

    private void stopNginx() throws InterruptedException {
        nginx.stop();
    }

    private void publish(int first, int last) throws Exception {
        for (int i = first; i <= last; i++) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/publish"))
                    .POST(HttpRequest.BodyPublishers.ofString("" + i)).build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).isBetween(200, 202);
        }
    }

    private Application startHub() {
        return Application.start(() -> HubConfig.load(folder.resolve("hub.yaml"), Map.of(), Map.of("server.host", "127.0.0.1",
                "server.port", "0", "sse-hub.history.file", folder.resolve("hub.db").toString())), Optional.empty(),
                Clock.systemUTC());
    }

    private static void assertReceives(SseClient client, int first, int last) throws IOException {
        for (int i = first; i <= last; i++) {
            assertThat(client.nextData()).isEqualTo("" + i);
        }
    }

    /** An id of nchan is a second and a number that begins anew after a restart. So ids of the same second would come twice. */
    private static void awaitNextSecond() {
        long second = Instant.now().getEpochSecond();
        Awaitility.await().atMost(PATIENCE).until(() -> Instant.now().getEpochSecond() > second);
    }

    /** nchan forgets its messages when it restarts, so a test stops it only when they have arrived. */
    @Test
    void everyEventArrivesOnce() throws Exception {
        publish(1, 20);
        String topic = "/sse?topic=app&lastEventID=earliest";
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), topic)) {
            assertReceives(client, 1, 20);
            stopNginx();
            awaitNextSecond();
            startNginx();
            publish(21, 40);
            assertReceives(client, 21, 40);
        }
        publish(41, 60);
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), topic)) {
            assertReceives(client, 1, 60);
            publish(61, 80);
            assertReceives(client, 61, 80);
            for (int round = 4; round < 7; round++) {
                stopNginx();
                awaitNextSecond();
                startNginx();
                publish(20 * round + 1, 20 * round + 20);
                assertReceives(client, 20 * round + 1, 20 * round + 20);
            }
        }
        stopNginx();
        awaitNextSecond();
        startNginx();
        publish(141, 150);
        try (Application hub = startHub(); SseClient client = new SseClient(hub.port(), topic)) {
            assertReceives(client, 1, 150);
        }
    }
}
