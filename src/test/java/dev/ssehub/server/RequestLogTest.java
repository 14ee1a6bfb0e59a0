package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of clients that reset the connection at once. Nothing of that is logged, because the hub has not failed. */
class RequestLogTest {
    private static final int CLIENTS = 50;

    private final Hub hub = TestHub.create();
    private final LogCapture log = new LogCapture();
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestHub.serve(hub);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
        log.close();
    }

    static List<String> requests() {
        List<String> headers = List.of("", "If-Modified-Since: x\r\n", "If-Unmodified-Since: x\r\n", "If-None-Match: \"\r\n",
                "Range: x\r\n", "Range: bytes=5-9223372036854775807\r\n", ": no name\r\n");
        return Stream.concat(headers.stream().map(header -> "/static/page.js HTTP/1.1\r\nHost: a\r\n" + header),
                Stream.of("/none", "/static/panels", "/sse", "/sse?topic=%", "/observe/health", "http:a://x", "/%")
                        .map(path -> path + " HTTP/1.1\r\nHost: a\r\n"))
                .map(rest -> "GET " + rest + "\r\n").toList();
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aClientThatResetsIsNotLogged(String request) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            Socket socket = new Socket("localhost", server.port());
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(request.repeat(3).getBytes(ISO_8859_1));
            socket.close();
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> server.connections().count() == 0);
        assertThat(log.warnings()).isEmpty();
    }
}
