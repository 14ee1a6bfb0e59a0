package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.metrics.Meters;
import dev.ssehub.topic.TopicSelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hub behind real proxies that speak TLS and HTTP/2 to clients, configured as the documentation says. */
class ProxyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final int port = TestPort.free();
    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create();
    private HubServer server;
    private TestCertificate certificate;
    private ForeignServer proxy;

    /** The proxies, and how each is run in the foreground without privileges. */
    enum Proxy {
        NGINX("README.md", "^    location .*?^    }\n", ForeignServer.nginx("master_process off;", """
                        listen 127.0.0.1:PORT ssl http2;
                        ssl_certificate FOLDER/tls.crt;
                        ssl_certificate_key FOLDER/tls.key;
                BLOCK
                """), ForeignServer.NGINX),

        CADDY("README.md", "^    @hub .*?\n\n", """
                {
                    admin off
                    auto_https off
                    storage file_system FOLDER/storage
                }
                https://localhost:PORT {
                    bind 127.0.0.1
                    tls FOLDER/tls.crt FOLDER/tls.key
                BLOCK
                }
                """, List.of("caddy", "run", "--adapter", "caddyfile", "--config", "CONFIG")),

        COMPOSE("config/Caddyfile", "^\t.*\n(?=})", CADDY.config, CADDY.command),

        CLUSTER("config/cluster.Caddyfile", COMPOSE.block, CADDY.config, CADDY.command);

        private final String file;
        /** What finds its block in the file. */
        private final String block;
        private final String config;
        private final List<String> command;

        Proxy(String file, String block, String config, List<String> command) {
            this.file = file;
            this.block = block;
            this.config = config;
            this.command = command;
        }

        /** Starts the proxy. The second hub of the file has the last port. */
        private ForeignServer start(Path folder, int port, List<Integer> hubPorts) throws IOException {
            Matcher block = Pattern.compile(this.block, Pattern.MULTILINE | Pattern.DOTALL)
                    .matcher(Files.readString(Path.of(file)));
            assertThat(block.find()).isTrue();
            return ForeignServer.start(command, config.replace("BLOCK", withHubs(block.group(), hubPorts)), folder, port);
        }

        private static String withHubs(String block, List<Integer> ports) {
            return Pattern.compile("(127.0.0.1|sse-hub|hub-\\d):8080").matcher(block.replace("health_port 9090", ""))
                    .replaceAll(hub -> "127.0.0.1:" + (hub.group(1).equals("hub-2") ? ports.getLast() : ports.getFirst()));
        }
    }

    private void start(Proxy kind, Authorizer authorizer, HubServer... others) throws Exception {
        boolean installed = ForeignServer.isInstalled(kind.command.getFirst());
        if (!installed) {
            System.out.println("skipped: " + kind + " is not installed");
        }
        assumeTrue(installed, kind + " is not installed");
        settings.host = "127.0.0.1";
        settings.trustedProxies = List.of(AddressRange.parse("127.0.0.1"));
        server = HubServer.start(settings.build(), hub, authorizer, new Meters());
        certificate = TestCertificate.ec("localhost");
        certificate.write(folder);
        List<Integer> ports = new ArrayList<>(List.of(server.port()));
        Arrays.asList(others).forEach(other -> ports.add(other.port()));
        proxy = kind.start(folder, port, ports);
    }

    @AfterEach
    void stop() throws Exception {
        if (proxy != null) {
            proxy.stop();
        }
        hub.close();
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void deliversEventsAtOnceAndAllStreamsOverOneConnection(Proxy kind) throws Exception {
        start(kind, TestHub.open("chat"));
        try (HttpClient browser = client("127.0.0.1");
                Stream first = new Stream(browser, "chat");
                Stream second = new Stream(browser, "other")) {
            assertThat(first.response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(first.response.headers().firstValue("Content-Type")).contains("text/event-stream");

            HttpResponse<String> published = browser.send(HttpRequest.newBuilder(uri("/sse"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("topic=chat&data=Hello")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(published.statusCode()).as(published.body()).isEqualTo(200);
            hub.publish(new Update(List.of("other"), "There", null, null, null, false));

            assertThat(first.nextData()).isEqualTo("Hello");
            assertThat(second.nextData()).isEqualTo("There");
        }
        await().atMost(PATIENCE).until(() -> hub.subscribers() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void countsClientsByTheirOwnAddresses(Proxy kind) throws Exception {
        settings.maxConnectionsPerAddress = 1;
        start(kind, TestHub.open());
        try (HttpClient one = client("127.0.0.2");
                HttpClient another = client("127.0.0.3");
                Stream first = new Stream(one, "a");
                Stream refused = new Stream(one, "a");
                Stream second = new Stream(another, "a")) {
            hub.publish(new Update(List.of("a"), "x", null, null, null, false));

            assertThat(first.nextData()).isEqualTo("x");
            assertThat(second.nextData()).isEqualTo("x");
            assertThat(refused.next("event: ")).isEqualTo("overload");
        }
    }

    @ParameterizedTest
    @EnumSource
    void acceptsACookieFromPagesOfTheProxysOriginOnly(Proxy kind) throws Exception {
        KeySettings key = new KeySettings(Optional.empty(), Optional.of("a secret that is long enough, just"), Optional.empty(),
                Optional.empty());
        TokenSettings tokens = new TokenSettings(key, key, Optional.empty(), Optional.empty(), Duration.ZERO);
        start(kind, JwtAuthorizer.create(tokens, new Grant(List.of(), List.of(), List.of()), InstantSource.system()));
        String token = new TokenIssuer(tokens, InstantSource.system()).issue(
                new Grant(List.of(TopicSelector.parse("a")), List.of(), List.of()), Duration.ofHours(1), Optional.empty());
        try (HttpClient browser = client("127.0.0.1")) {
            HttpRequest.Builder post = HttpRequest.newBuilder(uri("/sse")).header("Cookie", "mercureAuthorization=" + token)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("topic=a"));

            assertThat(browser.send(post.setHeader("Origin", "https://localhost:" + port).build(),
                    HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            assertThat(browser.send(post.setHeader("Origin", "https://elsewhere.example").build(),
                    HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void keepsWhatIsForOperatorsToItself() throws Exception {
        start(Proxy.COMPOSE, TestHub.open());
        try (HttpClient client = client("127.0.0.1")) {
            for (String path : List.of("/observe/metrics", "/observe/health/live", "/%6Fbserve/metrics",
                    "/x/../observe/metrics")) {
                assertThat(
                        client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString()).statusCode())
                        .as(path).isEqualTo(404);
            }
            assertThat(
                    client.send(HttpRequest.newBuilder(uri("/static/sse-hub.js")).build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    /** Only the second hub lets everyone publish, so the status of an answer tells which hub has answered. */
    @Test
    void choosesANodeThatIsReadyAndAnyIfNoneIs() throws Exception {
        settings.host = "127.0.0.1";
        try (Hub second = TestHub.create();
                HubServer other = HubServer.start(settings.build(), second, TestHub.open("a"), new Meters())) {
            start(Proxy.CLUSTER, TestHub.open(), other);
            other.health().started();
            awaitStatuses(Set.of(200));

            server.health().started();
            other.health().stopping();
            awaitStatuses(Set.of(401));

            server.health().stopping();
            awaitStatuses(Set.of(200, 401));
        }

        // not a POST, which Caddy cannot repeat before version 2.11.2
        assertThat(statuses("/static/sse-hub.js", HttpRequest.newBuilder())).containsOnly(200);
    }

    private void awaitStatuses(Set<Integer> statuses) {
        await().atMost(PATIENCE).until(() -> statuses("/sse", HttpRequest.newBuilder()
                .header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString("topic=a")))
                .equals(statuses));
    }

    /** Sends a request often, and returns the statuses of the answers. */
    private Set<Integer> statuses(String target, HttpRequest.Builder request) throws Exception {
        Set<Integer> statuses = new HashSet<>();
        try (HttpClient client = client("127.0.0.1")) {
            for (int i = 0; i < 30; i++) {
                statuses.add(client.send(request.uri(uri(target)).build(), HttpResponse.BodyHandlers.discarding()).statusCode());
            }
        }
        return statuses;
    }

    private URI uri(String target) {
        return URI.create("https://localhost:" + port + target);
    }

    private HttpClient client(String address) throws Exception {
        return HttpClient.newBuilder().sslContext(certificate.client()).localAddress(InetAddress.getByName(address)).build();
    }

    /** A stream of a client. */
    private final class Stream implements AutoCloseable {
        private final HttpResponse<InputStream> response;
        private final BufferedReader lines;

        private Stream(HttpClient client, String topic) throws Exception {
            response = client.send(
                    HttpRequest.newBuilder(uri("/sse?topic=" + topic)).header("Accept", "text/event-stream").build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
        }

        private String nextData() throws Exception {
            return next("data: ");
        }

        private String next(String field) throws Exception {
            return CompletableFuture
                    .supplyAsync(() -> lines.lines().filter(line -> line.startsWith(field)).findFirst().orElseThrow())
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS).substring(field.length());
        }

        @Override
        public void close() throws IOException {
            response.body().close();
        }
    }
}
