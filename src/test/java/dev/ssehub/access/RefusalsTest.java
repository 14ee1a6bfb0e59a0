package dev.ssehub.access;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.hub.Hub;
import dev.ssehub.logging.LoggedLines;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every refused request is counted, whether the hub or Helidon refuses it, and refused tokens are logged. */
class RefusalsTest {
    private final Hub hub = TestHub.create();
    private final Meters meters = new Meters();
    private HubServer server;

    @BeforeEach
    void start() throws Exception {
        server = HubServer.start(new TestSettings().build(), hub, TestHub.open("chat"), meters);
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    @Test
    void everyRefusalIsCountedOnceByItsStatus() throws Exception {
        send("GET /sse?topic= HTTP/1.1\r\n");
        send("POST /sse HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n", "topic=closed");
        send("GET /nothing HTTP/1.1\r\n");
        send("GET /static/nothing HTTP/1.1\r\n");
        send("PATCH /sse HTTP/1.1\r\n");
        send("POST /sse HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n");
        send("POST /sse HTTP/1.0\r\nContent-Type: text/plain\r\n");
        send("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n");
        send("GET / HTTP/1.1\r\n");
        send("GET /observe/health HTTP/1.1\r\n");
        try (SseClient _ = new SseClient(server.port(), "/sse?topic=a")) {
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(refused()).isEqualTo(
                    Map.of("400", 1, "401", 1, "404", 2, "405", 1, "414", 1, "415", 1, "501", 1)));
        }
    }

    private void send(String head, String... body) throws Exception {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((head + "Host: localhost\r\nConnection: close\r\n\r\n" + String.join("", body))
                    .getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
        }
    }

    private Map<String, Integer> refused() {
        Map<String, Integer> counts = new TreeMap<>();
        Pattern.compile("^sse_hub_requests_refused_total\\{status=\"(\\d+)\"} ([0-9.]+)$", Pattern.MULTILINE)
                .matcher(new String(meters.scrape(), UTF_8)).results()
                .forEach(line -> counts.put(line.group(1), (int) Double.parseDouble(line.group(2))));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    /** An attacker cannot fill the disk with tokens. */
    @Test
    void theReasonForRefusingATokenIsLoggedTenTimesAMinute() throws UnknownHostException {
        AtomicLong clock = new AtomicLong();
        Access access = new Access(TestHub.open("chat"), new TestSettings().build().endpoint(), clock::get);
        InetAddress address = InetAddress.getByName("192.0.2.7");
        try (LoggedLines log = new LoggedLines(Access.class.getName(), Level.WARNING)) {
            for (int i = 0; i < 100; i++) {
                access.logRefused("the token has expired", address);
            }
            clock.addAndGet(Duration.ofMinutes(1).toNanos());
            access.logRefused("another {0}\nline", address);

            String line = "WARNING dev.ssehub.access.Access: a token was refused";
            assertThat(log.all()).hasSize(11).startsWith(line + " reason=\"the token has expired\" address=192.0.2.7")
                    .endsWith(line
                            + " (and 90 more like this since it was last logged) reason=\"another {0}?line\" address=192.0.2.7");
        }
    }
}
