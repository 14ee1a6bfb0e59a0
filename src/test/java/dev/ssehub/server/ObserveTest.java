package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.hub.Hub;
import dev.ssehub.tls.TlsFiles;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Health and metrics on the public port and on one of their own, and the pages that can be switched off. */
class ObserveTest {
    private static final List<String> OBSERVE = List.of("/observe/health", "/observe/health/live", "/observe/health/ready",
            "/observe/metrics");
    private static final List<String> LIBRARY = List.of("/static/sse-hub.js", "/static/sse-hub/stream.js");
    private static final List<String> PAGE = List.of("/static/", "/static/index.html", "/static/page.json", "/static/page.js",
            "/static/panels/chat.js", "/static/uplot/uPlot.esm.js");

    private final TestSettings settings = new TestSettings();
    private final FullDisk disk = new FullDisk();
    private final Hub hub = TestHub.create(disk);
    private HttpClient client = HttpClient.newHttpClient();
    private HubServer server;

    private void start() throws IOException {
        server = TestHub.serve(hub, settings);
        server.health().started();
    }

    private void startWithOwnPort() throws IOException {
        settings.observe = Optional.of(new ServerSettings.Observe("localhost", 0));
        start();
    }

    @AfterEach
    void close() {
        client.close();
        hub.close();
        if (server != null) {
            server.close();
        }
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        String scheme = settings.tls.isPresent() ? "https" : "http";
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + path))
                .timeout(Duration.ofSeconds(10)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private void assertStatus(int port, List<String> paths, int status) throws Exception {
        for (String path : paths) {
            assertThat(get(port, path).statusCode()).as("port %s, %s", port, path).isEqualTo(status);
        }
    }

    @Test
    void isOnThePublicPortUnlessItHasOneOfItsOwn() throws Exception {
        start();
        assertStatus(server.port(), OBSERVE, 200);
        assertThat(server.observePort()).isEqualTo(server.port());
    }

    @Test
    void leavesThePublicPortForOneOfItsOwn() throws Exception {
        startWithOwnPort();
        assertThat(server.observePort()).isPositive().isNotEqualTo(server.port());
        assertStatus(server.port(), OBSERVE, 404);
        assertStatus(server.observePort(), OBSERVE, 200);
        assertStatus(server.observePort(), List.of("/sse?topic=t", "/.well-known/mercure?topic=t",
                "/.well-known/mercure/subscriptions", "/static/index.html", "/static/", "/static/page.json"), 404);
        assertStatus(server.port(), List.of("/static/ops.html", "/static/%2fops.html", "/static/%2f%2fops.html"), 404);
        assertStatus(server.observePort(), List.of("/static/%2findex.html"), 404);
        assertThat(get(server.observePort(), OBSERVE.getLast()).body()).contains("\nsse_hub_connections 1.0\n");
    }

    @Test
    void protectsItsPortLikeThePublicOne() throws Exception {
        settings.allowedHosts = Set.of("hub.example.com");
        startWithOwnPort();
        assertThat(get(server.observePort(), "/observe/metrics").headers().map()).containsKeys("sse-hub",
                "x-content-type-options",
                "content-security-policy");
        try (Socket socket = new Socket("localhost", server.observePort())) {
            socket.getOutputStream().write("GET /observe/metrics HTTP/1.0\r\nHost: evil.example\r\n\r\n".getBytes());
            assertThat(new String(socket.getInputStream().readAllBytes())).startsWith("HTTP/1.1 421 ");
        }
        assertThat(get(server.observePort(), "/none").statusCode()).isEqualTo(404);
        assertThat(get(server.observePort(), "/observe/metrics").body())
                .contains("sse_hub_requests_refused_total{status=\"421\"} 1.0",
                        "sse_hub_requests_refused_total{status=\"404\"} 1.0");
    }

    /** Clients that use up the connections of the public port cannot keep the operator out. */
    @Test
    void answersOnItsPortWhenThePublicOneIsFull() throws Exception {
        settings.maxConnections = 20;
        settings.maxConnectionsPerAddress = 20;
        startWithOwnPort();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                clients.add(new Socket("localhost", server.port()));
            }
            assertStatus(server.observePort(), OBSERVE, 200);
        } finally {
            for (Socket socket : clients) {
                socket.close();
            }
        }
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            settings.observe = Optional.of(new ServerSettings.Observe("localhost", taken.getLocalPort()));
            assertThatExceptionOfType(IOException.class).isThrownBy(this::start)
                    .withMessage("cannot listen on sse-hub.observe.host "
                            + "localhost, sse-hub.observe.port " + taken.getLocalPort() + ": Address already in use");
        }
    }

    @Test
    void saysWhereMetricsAndHealthAre() throws Exception {
        startWithOwnPort();
        String port = ", on the port of sse-hub.observe.port";
        String metrics = "the metrics are at /observe/metrics";
        String health = "the health of the hub is at /observe/health/live and /observe/health/ready";
        assertThat(get(server.port(), "/metrics").body()).isEqualTo(metrics + port + "\n");
        assertThat(get(server.port(), "/healthz").body()).isEqualTo(health + port + "\n");
        assertThat(get(server.observePort(), "/metrics").body()).isEqualTo(metrics + "\n");
        assertThat(get(server.observePort(), "/healthz").body()).isEqualTo(health + "\n");
        assertStatus(server.port(), List.of("/metrics", "/healthz"), 404);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void servesThePagesUnlessTheyAreDisabled(boolean enabled) throws Exception {
        settings.page = enabled;
        start();
        assertStatus(server.port(), LIBRARY, 200);
        assertStatus(server.port(), PAGE, enabled ? 200 : 404);
        assertStatus(server.port(), List.of("/", "/favicon.ico"), enabled ? 302 : 404);
    }

    /** No path may lead around the rule that leaves only the library. */
    @ParameterizedTest
    @ValueSource(strings = {"/static/sse-hub/../index.html", "/static/sse-hub/%2e%2e/index.html",
            "/static/sse-hub%2f..%2findex.html",
            "/static//index.html", "/static/./index.html", "/static/sse-hub/..;/index.html", "//static/index.html",
            "/static/%69ndex.html",
            "/static/sse-hub/..%5cindex.html", "/static/sse-hub/", "/static/sse-hub"})
    void hidesDisabledPagesHoweverTheirPathIsWritten(String path) throws Exception {
        settings.page = false;
        start();
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes());
            assertThat(new String(socket.getInputStream().readAllBytes())).matches("(?s)HTTP/1.1 (400|403|404) .*");
        }
    }

    @Test
    void isReadyFromTheEndOfTheStartToTheBeginningOfTheStop() throws Exception {
        server = TestHub.serve(hub, settings);
        assertNotReady("the hub is starting");
        server.health().started();
        assertThat(get(server.port(), "/observe/health/ready").body()).isEqualTo("ready\n");
        server.health().stopping();
        assertNotReady("the hub is stopping");
    }

    private void assertNotReady(String reason) throws Exception {
        HttpResponse<String> ready = get(server.port(), "/observe/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).isEqualTo("not ready: " + reason + "\n");
        assertThat(get(server.port(), "/observe/health/live").body()).isEqualTo("live\n");
    }

    @Test
    void isNotReadyWhileTheHubCannotTakeEvents() throws Exception {
        start();
        disk.fill();
        assertNotReady("the disk is full");
        disk.free();
        assertStatus(server.port(), List.of("/observe/health/ready"), 200);
    }

    @Test
    void speaksTlsOnItsPortToo(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.ec("localhost");
        TlsFiles files = certificate.write(folder);
        settings.tls = Optional.of(files);
        startWithOwnPort();
        client = HttpClient.newBuilder().sslContext(certificate.client()).build();
        assertStatus(server.observePort(), OBSERVE, 200);
        HealthProbe.check("localhost", server.observePort(), settings.tls);
    }
}
