package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import dev.ssehub.config.ConfigChanges;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.event.Update;
import dev.ssehub.server.LogCapture;
import dev.ssehub.server.SseClient;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running hub reads its configuration again. */
@Timeout(30)
class ReloadTest {
    private static final String SECRET = "the first secret is long enough now";
    private static final String OTHER_SECRET = "the second secret is long enough, too";

    @TempDir
    private Path folder;
    private Path file;
    private Application application;
    private SseClient stream;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws Exception {
        file = folder.resolve("hub.yaml");
        write("sse-hub: {publish: {anonymous-topics: [a]}, history: {max-events: 100}, feeds: {time: {enabled: false}}}");
        application = Application.start(this::load, Optional.empty(), Clock.system(ZoneId.systemDefault()));
        stream = open("/sse?topic=a&topic=b&topic=tick");
    }

    @AfterEach
    void stop() throws Exception {
        stream.close();
        application.close();
        http.close();
    }

    private void write(String yaml) throws IOException {
        Files.writeString(file, yaml);
    }

    private HubConfig load() {
        return HubConfig.load(file, Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0"));
    }

    private ConfigChanges reload(String yaml) throws IOException {
        write(yaml);
        return application.reload("a test");
    }

    private SseClient open(String path, String... headers) throws Exception {
        SseClient client = new SseClient(application.port(), path, headers);
        assertThat(client.headers()).startsWith("HTTP/1.1 200");
        assertThat(client.nextFrame()).startsWith("retry");
        return client;
    }

    private HttpResponse<String> post(String form, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + application.port() + "/sse"))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The stream that was open before all reloads is still there. */
    private void assertStreamGoesOn() throws Exception {
        application.hub().publish(new Update("a", "still here"));
        assertThat(stream.nextData()).isEqualTo("still here");
    }

    @Test
    void opensAndClosesTopics() throws Exception {
        assertThat(post("topic=b&data=1").statusCode()).isEqualTo(401);
        assertThat(reload("sse-hub: {publish: {anonymous-topics: [b]}}").applied())
                .contains("sse-hub.publish.anonymous-topics").doesNotContain("server.port", "sse-hub.path");
        assertThat(post("topic=a&data=1").statusCode()).isEqualTo(401);
        assertThat(post("topic=b&data=2").statusCode()).isEqualTo(200);
        assertThat(stream.nextData()).isEqualTo("2");
        reload("sse-hub: {subscribe: {anonymous: false}}");
        try (SseClient refused = new SseClient(application.port(), "/sse?topic=a")) {
            assertThat(refused.headers()).startsWith("HTTP/1.1 401");
        }
        assertStreamGoesOn();
    }

    @Test
    void changesLimitsAndRates() throws Exception {
        reload("sse-hub: {publish: {anonymous-topics: [a], max-rate-per-address: 1}, limits: {max-name-length: 20}}");
        HttpResponse<String> limited = post("topic=a&data=1");
        for (int i = 0; i < 10 && limited.statusCode() != 429; i++) {
            limited = post("topic=a&data=1");
        }
        assertThat(limited.body()).contains("an address may publish 1 events per second");
        application.reload("a test");
        reload("sse-hub: {publish: {anonymous-topics: [a], max-rate-per-address: 1000}, limits: {max-connections-per-address: 1}}");
        for (int i = 0; i < 20; i++) {
            assertThat(post("topic=a&data=1").statusCode()).isEqualTo(200);
        }
        try (SseClient refused = new SseClient(application.port(), "/sse?topic=a")) {
            assertThat(refused.headers()).startsWith("HTTP/1.1 503");
        }
    }

    @Test
    void changesTheHistory() throws Exception {
        String first = application.hub().publish(new Update("a", "0"));
        for (int i = 1; i < 50; i++) {
            application.hub().publish(new Update("a", "" + i));
        }
        reload("sse-hub: {history: {topics: [{match: a, max-events: 2}]}}");
        try (SseClient client = open("/sse?topic=a&lastEventID=" + first)) {
            assertThat(client.nextFrame()).contains("event: gap");
            assertThat(client.nextData()).isEqualTo("48");
        }
    }

    @Test
    void startsStopsAndChangesFeeds() throws Exception {
        reload("sse-hub: {feeds: {time: {enabled: true, topic: tick, interval: 20ms}}}");
        assertThat(stream.nextData()).startsWith("Server time");
        reload("sse-hub: {feeds: {time: {enabled: true, topic: b, interval: 20ms}}}");
        String frame = stream.nextFrame();
        assertThat(frame).contains("Server time");
        reload("sse-hub: {feeds: {time: {enabled: false}}}");
        application.hub().publish(new Update("a", "last"));
        String data = stream.nextData();
        while (data.startsWith("Server time")) {
            data = stream.nextData();
        }
        assertThat(data).isEqualTo("last");
        long published = application.hub().published();
        application.reload("a test");
        assertThat(application.hub().published()).isEqualTo(published);
    }

    @Test
    void changesTheOriginsOfPages() throws Exception {
        String origin = "https://app.example";
        try (SseClient client = new SseClient(application.port(), "/sse?topic=a", "Origin: " + origin)) {
            assertThat(client.headers()).doesNotContain("Access-Control-Allow-Origin");
        }
        reload("sse-hub: {cors: {allowed-origins: ['" + origin + "']}}\nserver: {allowed-hosts: [hub.example]}");
        try (SseClient client = open("/sse?topic=a", "Origin: " + origin)) {
            assertThat(client.headers()).contains("Access-Control-Allow-Origin: " + origin);
        }
    }

    /** A stream ends if the key of its token is gone, also if the hub has a new key. */
    @Test
    void endsTheStreamsOfARemovedKey() throws Exception {
        reload("sse-hub: {auth: {key: '" + SECRET + "'}}");
        try (SseClient old = open("/sse?topic=private", "Authorization: Bearer " + token(SECRET))) {
            reload("sse-hub: {auth: {key: '" + SECRET + "', clock-skew: 1s}}");
            application.hub().publish(new Update(List.of("private"), "secret", null, null, null, true));
            assertThat(old.nextData()).as("the key is the same").isEqualTo("secret");

            reload("sse-hub: {auth: {key: '" + OTHER_SECRET + "'}}");
            assertThat(old.nextFrame()).contains("event: expired");
            assertThat(old.endsProperly()).isTrue();
            try (SseClient refused = new SseClient(application.port(), "/sse?topic=private",
                    "Authorization: Bearer " + token(SECRET));
                    SseClient accepted = open("/sse?topic=private",
                            "Authorization: Bearer " + token(OTHER_SECRET))) {
                assertThat(refused.headers()).startsWith("HTTP/1.1 401");
                reload("sse-hub: {retry: 1s}");
                assertThat(accepted.nextFrame()).as("no key at all").contains("event: expired");
            }
        }
        assertStreamGoesOn();
    }

    /** The file is watched, so this needs no reload. */
    @Test
    void endsTheStreamsOfAKeyThatIsTakenOutOfASet() throws Exception {
        Path keys = folder.resolve("keys.json");
        Files.writeString(keys, set(SECRET, OTHER_SECRET));
        reload("sse-hub: {auth: {jwks: " + keys + "}}");
        try (SseClient gone = open("/sse?topic=private", "Authorization: Bearer " + token(SECRET));
                SseClient stays = open("/sse?topic=private", "Authorization: Bearer " + token(OTHER_SECRET))) {
            Files.writeString(keys, set(OTHER_SECRET));
            assertThat(gone.nextFrame()).contains("event: expired");
            application.hub().publish(new Update(List.of("private"), "secret", null, null, null, true));
            assertThat(stays.nextData()).isEqualTo("secret");
            Files.writeString(keys, set(SECRET));
            application.reload("a test");
            assertThat(stays.nextFrame()).as("a reload does not wait for the watch").contains("event: expired");
        }
    }

    /** More reloads wait for keys than requests can be computed at the same time. */
    @Test
    void reloadsThatWaitDelayNoOtherRequest() throws Exception {
        reload("sse-hub: {operate: {loopback: true}}");
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            write("sse-hub: {operate: {loopback: true}, auth: {jwks: 'http://127.0.0.1:" + silent.getLocalPort() + "/keys'}}");
            HttpRequest request = HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + application.port() + "/observe/reload"))
                    .POST(HttpRequest.BodyPublishers.noBody()).build();
            List<CompletableFuture<HttpResponse<String>>> reloads = Stream
                    .generate(() -> http.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                    .limit(4L * Runtime.getRuntime().availableProcessors()).toList();
            try (Socket _ = silent.accept()) {
                for (int i = 0; i < 20; i++) {
                    assertThat(send("GET", "/observe/health/ready").statusCode()).isEqualTo(200);
                }
                application.close();
            }
            for (CompletableFuture<HttpResponse<String>> reload : reloads) {
                assertThat(reload.handle((answer, _) -> answer == null ? 503 : answer.statusCode()).get())
                        .isIn(503, 422); // the stop, or the time limit of the keys, has come first
            }
        }
    }

    /** The server has accepted the connection and does not answer. */
    @Test
    void aHubThatStopsDoesNotWaitForTheKeysOfAReload() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            FutureTask<ConfigChanges> reload = new FutureTask<>(
                    () -> reload("sse-hub: {auth: {jwks: 'http://127.0.0.1:" + silent.getLocalPort() + "/keys'}}"));
            Thread.ofPlatform().start(reload);
            try (Socket _ = silent.accept()) {
                application.close();
                assertThatExceptionOfType(ExecutionException.class).isThrownBy(reload::get)
                        .withCause(new StartupException("the hub is stopping"));
            }
        }
    }

    /** The file is a pipe into which nobody writes, or on a server that does not answer. */
    @Test
    void aHubThatStopsDoesNotWaitForTheFileOfAReload() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        CompletableFuture<Void> answers = new CompletableFuture<>();
        AtomicBoolean hangs = new AtomicBoolean();
        Application stopping = Application.start(() -> {
            if (hangs.get()) {
                reads.countDown();
                answers.join();
            }
            return load();
        }, Optional.empty(), Clock.system(ZoneId.systemDefault()));
        hangs.set(true);
        FutureTask<ConfigChanges> reload = new FutureTask<>(() -> stopping.reload("a test"));
        Thread.ofPlatform().start(reload);
        reads.await();
        stopping.close();
        answers.complete(null);
        assertThatExceptionOfType(ExecutionException.class).isThrownBy(reload::get)
                .withCause(new StartupException("the hub is stopping"));
    }

    @Test
    void aMistakeChangesNothing() throws Exception {
        try (LogCapture log = new LogCapture()) {
            for (String yaml : List.of("sse-hub: {retry: 1h, nonsense: 1}", "sse-hub: {auth: {key: short}}",
                    "sse-hub: {publish: {anonymous-topics: [b]}, auth: {jwks: 'http://127.0.0.1:1/keys'}}", ": :", "",
                    "# no keys\n")) {
                assertThatExceptionOfType(StartupException.class).isThrownBy(() -> reload(yaml));
            }
            Files.delete(file);
            assertThatExceptionOfType(StartupException.class).isThrownBy(() -> application.reload("a test"))
                    .withMessageContaining("there is no such file");
            assertThat(log.warnings().stream()
                    .filter(line -> line.startsWith("the configuration was read again (a test), and stays as it was: ")))
                    .hasSize(7);
            assertThat(log.warnings().getFirst()).contains(file + ":1: there is no key sse-hub.nonsense");
        }
        assertThat(post("topic=a&data=1").statusCode()).isEqualTo(200);
        assertThat(post("topic=b&data=1").statusCode()).isEqualTo(401);
        assertThat(stream.nextData()).isEqualTo("1");
    }

    @Test
    void anOperatorAsksForAReload() throws Exception {
        write("sse-hub: {retry: 1s, path: /events, operate: {loopback: true}}");
        assertThat(send("POST", "/observe/reload").statusCode()).as("not yet an operator").isEqualTo(401);
        application.reload("a test");
        write("sse-hub: {retry: 3s, path: /events, operate: {loopback: true}}");
        HttpResponse<String> answer = send("POST", "/observe/reload");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"applied\":[\"sse-hub.retry\"],\"afterRestart\":[\"sse-hub.path\"]}");
        try (SseClient client = new SseClient(application.port(), "/sse?topic=a")) {
            assertThat(client.nextFrame()).startsWith("retry: 3000");
        }

        write("sse-hub: {retry: 4s, nonsense: 1}");
        try (LogCapture log = new LogCapture()) {
            HttpResponse<String> refused = send("POST", "/observe/reload");
            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(refused.body()).startsWith("nothing has changed: " + file + ":1: there is no key sse-hub.nonsense");
            assertThat(log.warnings().getFirst()).contains("(an operator on this machine)");
        }
        assertThat(metrics()).contains("sse_hub_config_last_reload_successful 0.0");
        HttpResponse<String> wrong = send("GET", "/observe/reload");
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(wrong.headers().firstValue("Allow")).hasValue("POST");
        application.config().close();
        assertThat(send("POST", "/observe/reload").body()).contains("the hub is stopping");
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + application.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String metrics() throws Exception {
        return send("GET", "/observe/metrics").body();
    }

    @Test
    void namesWhatOnlyARestartChanges() throws Exception {
        ConfigChanges changes = reload("sse-hub: {path: /events, retry: 1s, history: {file: " + folder.resolve("hub.db") + "}}");
        assertThat(changes.afterRestart()).containsExactly("sse-hub.history.file", "sse-hub.path");
        assertThat(changes.applied()).contains("sse-hub.retry").doesNotContain("sse-hub.path");
        assertThat(application.reload("a test").afterRestart()).as("it is still not in effect").contains("sse-hub.path");
        assertThat(application.reload("a test").applied()).isEmpty();
        try (SseClient client = new SseClient(application.port(), "/sse?topic=a")) {
            assertThat(client.nextFrame()).startsWith("retry: 1000");
        }
        assertStreamGoesOn();
    }

    private static String token(String secret) throws Exception {
        JWSObject token = new JWSObject(new JWSHeader(JWSAlgorithm.HS256),
                new Payload("{\"mercure\":{\"subscribe\":[\"private\"]}}"));
        token.sign(new MACSigner(secret.getBytes(UTF_8)));
        return token.serialize();
    }

    private static String set(String... secrets) {
        return Stream.of(secrets).map(secret -> "{\"kty\":\"oct\",\"k\":\""
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret.getBytes(UTF_8)) + "\"}")
                .collect(Collectors.joining(",", "{\"keys\":[", "]}"));
    }
}
