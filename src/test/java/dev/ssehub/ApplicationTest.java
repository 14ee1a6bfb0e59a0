package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.event.Update;
import dev.ssehub.server.LogCapture;
import dev.ssehub.server.SseClient;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationTest {
    @TempDir
    private Path folder;

    @Test
    void logsWarningsAboutDoubtfulSettingsAtTheStart() {
        HubConfig config = HubConfig.load(null, Map.of(),
                Map.of("server.port", "0", "server.host", "127.0.0.1", "sse-hub.subscribe.anonymous", "false"));

        try (LogCapture log = new LogCapture()) {
            try (Application application = Application.start(() -> config, Optional.empty(), Clock.systemUTC())) {
                application.logStart();
            }

            assertThat(log.warnings()).isEqualTo(config.warnings()).hasSize(1);
        }
    }

    /** Requests of an app, an extension and a page from a file. The hub compares the configured text with the header. */
    @ParameterizedTest
    @ValueSource(strings = {"https://example.com", "http://localhost:3000", "capacitor://localhost", "ionic://localhost",
            "tauri://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc", "null"})
    void letsPagesOfAnAllowedOriginUseTheHub(String origin) throws Exception {
        HubConfig config = HubConfig.load(null, Map.of(), Map.of("server.port", "0", "server.host", "127.0.0.1",
                "sse-hub.cors.allowed-origins", "https://other.example," + origin));
        try (Application application = Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault()));
                SseClient client = new SseClient(application.port(), "/sse?topic=chat", "Origin: " + origin);
                HttpClient http = HttpClient.newHttpClient()) {
            assertThat(client.headers()).startsWith("HTTP/1.1 200").contains("Access-Control-Allow-Origin: " + origin + "\r\n",
                    "Access-Control-Allow-Credentials: true");
            URI uri = URI.create("http://127.0.0.1:" + application.port() + "/sse");
            HttpRequest publish = HttpRequest.newBuilder(uri).header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Origin", origin).POST(HttpRequest.BodyPublishers.ofString("topic=chat&data=hello")).build();
            assertThat(http.send(publish, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            assertThat(client.nextFrame()).startsWith("retry");
            assertThat(client.nextData()).isEqualTo("hello");
            HttpRequest stranger = HttpRequest.newBuilder(uri).header("Origin", origin + "x").build();
            assertThat(http.send(stranger, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        }
    }

    /** The four kinds of mistakes that are found only when the hub uses a value name the place of their key, too. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "sse-hub: {auth: {key: short}}|1: sse-hub.auth.key: the secret has 5 bytes; HS256 needs at least 32, for example: "
                    + "openssl rand -base64 32",
            "# a;sse-hub:;  auth:;    key: 0123456789012345678901234567890123456789;    algorithm: HS257|5: sse-hub.auth.algorithm: ",
            "sse-hub:;  auth: {key-file: /no/such}|2: sse-hub.auth.key-file: ",
            "server:;  tls:;    certificate: /no/such;    private-key: /no/such|3: server.tls.certificate: the file /no/such cannot be "
                    + "read: there is no such file"})
    void namesTheLineOfAValueThatCannotBeUsed(String yaml, String message) throws Exception {
        Path file = Files.writeString(folder.resolve("hub.yaml"), yaml.replace(';', '\n'));
        HubConfig config = HubConfig.load(file, Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0"));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault())).close())
                .withMessageStartingWith(file + ":" + message).withNoCause();
    }

    @Test
    void saysWhyTheFileOfTheHistoryCannotBeUsed() {
        Path file = folder.resolve("missing/hub.db");
        assertStartFails(file, "the file " + file + " cannot be opened: there is no such file or folder");
        assertStartFails(folder, "the file " + folder + " cannot be opened: it is a directory");
    }

    /** The second start would fail if the first, which fails because of its port, had left the file open. */
    @Test
    void keepsThePastInAFileAndClosesItWhenTheStartFails() throws Exception {
        Path file = folder.resolve("hub.db");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Map<String, String> port = Map.of("server.host", "127.0.0.1", "server.port", "" + taken.getLocalPort(),
                    "sse-hub.history.file", file.toString());
            HubConfig config = HubConfig.load(null, Map.of(), port);
            assertThatExceptionOfType(StartupException.class)
                    .isThrownBy(
                            () -> Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault())).close())
                    .withMessageContaining("Address already in use");
        }
        HubConfig config = HubConfig.load(null, Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0",
                "sse-hub.history.file", file.toString()));
        try (Application application = Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault()))) {
            application.hub().publish(new Update("chat", "before the restart"));
            assertStartFails(file, "the file " + file + " is in use by another hub");
        }
        try (Application application = Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault()));
                SseClient client = new SseClient(application.port(), "/sse?topic=chat&lastEventID=earliest")) {
            assertThat(client.nextFrame()).startsWith("retry");
            assertThat(client.nextData()).isEqualTo("before the restart");
        }
    }

    private static void assertStartFails(Path file, String message) {
        HubConfig config = HubConfig.load(null, Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0",
                "sse-hub.history.file", file.toString()));
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> Application.start(() -> config, Optional.empty(), Clock.system(ZoneId.systemDefault())).close())
                .withMessage(message).withNoCause();
    }
}
