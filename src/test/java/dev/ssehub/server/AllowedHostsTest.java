package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
    private final TestSettings settings = new TestSettings();
    private final Hub hub = TestHub.create();
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        settings.allowedHosts = Set.of("hub.example.com", "*.example.org");
        server = TestHub.serve(hub, settings);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.example.com", "hub.example.com:8080", "HUB.example.com.", "a.example.org", "a.b.example.org:1",
            "localhost", "localhost:8080", "hub.localhost", "127.0.0.1:8080", "10.1.2.3", "[::1]", "[2001:db8::1]:8080",
            "0x7f.1"})
    void answersForListedNamesAddressesAndLocalhost(String host) throws IOException {
        assertThat(get("/observe/health", host)).startsWith("HTTP/1.1 200 ");
        assertThat(get("/static/index.html", host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "hub.example.com.evil.example", "xhub.example.com", "example.org", "xexample.org",
            "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "1.evil"})
    void refusesAllOtherNames(String host) throws IOException {
        for (String path : List.of("/observe/health", "/static/index.html", "/sse?topic=t", "/.well-known/mercure?topic=t",
                "/static/page.json", "/nowhere")) {
            assertThat(get(path, host)).startsWith("HTTP/1.1 421 ").endsWith(
                    "\r\n\r\nthe host " + host + " is not in server.allowed-hosts\n");
        }
    }

    @Test
    void publishesNothingForAnotherName() throws IOException {
        String answer = ask("POST /sse HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Type: "
                + "application/x-www-form-urlencoded\r\nContent-Length: 14\r\nConnection: close\r\n\r\ntopic=t&data=x");
        assertThat(answer).startsWith("HTTP/1.1 421 ");
        assertThat(hub.published()).isZero();
    }

    @Test
    void publishesNoChunksForAnotherName() throws IOException {
        String answer = ask("POST /sse HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Type: "
                + "application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\ne\r\ntopic=t&data=x\r\n0\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 421 ");
        assertThat(hub.published()).isZero();
    }

    private String get(String path, String host) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
