package dev.ssehub.logging;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Keys;
import dev.ssehub.http.AccessLog;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One line for each request, and for each stream when it ends. */
class AccessLogTest {
    private static final String TRACE = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7";
    private static final String TRACEPARENT = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private final LoggedLines log = new LoggedLines(AccessLog.LOGGER, Level.INFO);
    private final TestSettings settings = new TestSettings();
    private Hub hub;
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        settings.trustedProxies = List.of(AddressRange.parse("127.0.0.1"));
        hub = TestHub.create();
        server = HubServer.start(settings.build(), hub, Keys.authorizer(Keys.settings(Keys.key(Keys.SECRET)), Keys.NOW),
                new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        log.close();
    }

    /** Sends a request and awaits the line. Returns it without the duration, which differs. */
    private String line(String request, String... headers) throws IOException {
        int before = log.all().size();
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write((request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + String.join("", Stream.of(headers).map(header -> header + "\r\n").toList()) + "\r\n").getBytes(ISO_8859_1));
            socket.getInputStream().readAllBytes();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> log.all().size() > before);
        return log.all().getLast().replaceFirst(" duration=[0-9.]+", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "GET /static/page.json?a|address=127.0.0.1 method=GET path=/static/page.json?a status=200",
            "DELETE /none|address=127.0.0.1 method=DELETE path=/none status=404",
            "GET /sse?topic=a&authorization=eyJ.eyJ.x|address=127.0.0.1 method=GET path=\"/sse?topic=a&authorization=***\" status=401",
            "GET /sse?%61uthorization=secret&access_token=secret|"
                    + "address=127.0.0.1 method=GET path=\"/sse?%61uthorization=***&access_token=***\" status=401",
            "GET /sse?%zz=secret|address=127.0.0.1 method=GET path=/sse?*** status=400",
            "GET http:a://x?token=secret|address=127.0.0.1 method=GET path=http:a://x status=400",
            "G(T /|address=127.0.0.1 method=\"\" path=\"\" status=400"})
    void showsEachRequest(String request, String line) throws IOException {
        assertThat(line(request)).startsWith("INFO dev.ssehub.access: request " + line + " bytes=").doesNotContain("secret");
    }

    @Test
    void showsTheClientBehindAProxyTheSubjectAndTheTrace() throws Exception {
        String token = Keys.token("{\"sub\":\"alice\",\"exp\":" + Keys.NOW.plusSeconds(60).getEpochSecond()
                + ",\"mercure\":{\"publish\":[\"*\"],\"subscribe\":[\"*\"]}}");

        String line = line("POST /sse?topic=a", "X-Forwarded-For: 192.0.2.7", "Authorization: Bearer " + token, TRACEPARENT,
                "Content-Type: application/x-www-form-urlencoded", "Content-Length: 0");
        assertThat(line)
                .startsWith(
                        "INFO dev.ssehub.access: request address=192.0.2.7 method=POST path=\"/sse?topic=a\" status=400 bytes=")
                .endsWith(" subject=alice " + TRACE);
        assertThat(line("GET /none", TRACEPARENT, TRACEPARENT)).as("two traces are none").doesNotContain("trace_id");
    }

    @Test
    void showsAStreamWhenItEnds() throws Exception {
        String token = Keys.token("{\"sub\":\"alice\",\"mercure\":{\"subscribe\":[\"*\"]}}");
        try (SseClient client = new SseClient(server.port(), "/sse?topic=a", "Authorization: Bearer " + token, TRACEPARENT)) {
            assertThat(client.nextFrame()).startsWith("retry: ");
            assertThat(log.all()).isEmpty();
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> !log.all().isEmpty());
        assertThat(log.all()).singleElement().asString()
                .matches("INFO dev\\.ssehub\\.access: stream address=127\\.0\\.0\\.1 method=GET "
                        + "path=\"/sse\\?topic=a&checkpoints=true\" status=200 bytes=0 duration=[0-9.]+ subject=alice reason=client-gone delivered=0 "
                        + TRACE);
    }

    @Test
    void writesNothingUnlessItIsSwitchedOn() throws IOException {
        LoggingSettings off = new LoggingSettings(LogFormat.TEXT, false, Map.of());
        off.apply();
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write("GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1)).startsWith("HTTP/1.1 404");
        }
        new LoggingSettings(LogFormat.TEXT, true, Map.of()).apply();
        assertThat(line("GET /none")).contains("path=/none");
        assertThat(log.all()).hasSize(1);
    }
}
