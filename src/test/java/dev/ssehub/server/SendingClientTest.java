package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.transport.LocalTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that sends bytes that the hub has not asked for: on an open stream, or inside TLS. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SendingClientTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final byte[] GET = "GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII);
    /** More than any client may send, and less than a test takes time for. */
    private static final int FLOOD = 1 << 20;

    private static TestCertificate certificate;

    private enum Protocol {
        PLAIN, TLS_1_2, TLS_1_3
    }

    @TempDir
    private Path folder;
    private final Meters meters = new Meters();
    private final TestSettings settings = new TestSettings();
    private final Hub hub = new Hub(new HubSettings(LONG, LONG, new Mailbox.Limits(100, 1 << 20),
            new Limits(100, Duration.ofHours(1), 1 << 20)), new LocalTransport(InstantSource.system()), meters,
            InstantSource.system());
    private HubServer server;
    private Socket tcp;
    private Socket client;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = TestCertificate.ec("hub");
    }

    @AfterEach
    void stop() throws IOException {
        tcp.close();
        hub.close();
        server.close();
    }

    private void connect(Protocol protocol) throws Exception {
        if (protocol != Protocol.PLAIN) {
            settings.tls = Optional.of(certificate.write(folder));
        }
        server = HubServer.start(settings.build(), hub, TestHub.open("t"), meters);
        tcp = new Socket("localhost", server.port());
        tcp.setSoTimeout(10_000);
        client = protocol == Protocol.PLAIN
                ? tcp
                : certificate.client(protocol == Protocol.TLS_1_2 ? "TLSv1.2" : "TLSv1.3")
                        .getSocketFactory().createSocket(tcp, "localhost", server.port(), true);
    }

    private void open(Protocol protocol) throws Exception {
        connect(protocol);
        client.getOutputStream().write(GET);
        readUntil("sse-hub\n");
        assertThat(hub.subscribers()).isEqualTo(1);
    }

    private String readUntil(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = client.getInputStream().read();
            assertThat(next).as("what comes after: " + text).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    private void assertGoesOn(String data) throws Exception {
        hub.publish(new Update("t", data));
        readUntil("data: " + data + "\n\n");
    }

    private void assertEnded(String reason) {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(
                () -> assertThat(new String(meters.scrape(), UTF_8)).contains("{reason=\"" + reason + "\"} 1.0"));
        assertThat(hub.subscribers()).isZero();
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Repeats the step until the connection fails, at most this many times. Returns how often it succeeded. */
    private static int repeat(int times, Step step) {
        for (int i = 0; i < times; i++) {
            try {
                step.run();
            } catch (IOException e) {
                return i;
            }
        }
        return times;
    }

    @ParameterizedTest
    @EnumSource
    void endsAStreamWhoseClientKeepsSending(Protocol protocol) throws Exception {
        open(protocol);
        byte[] unasked = new byte[1_000];
        repeat(FLOOD / unasked.length, () -> client.getOutputStream().write(unasked));
        assertEnded("unexpected-data");
    }

    @ParameterizedTest
    @EnumSource
    void endsAStreamWhoseClientKeepsSendingSingleBytes(Protocol protocol) throws Exception {
        open(protocol);
        client.setTcpNoDelay(true);
        repeat(FLOOD / 20, () -> client.getOutputStream().write(' '));
        assertEnded("unexpected-data");
    }

    @Test
    void refusesRenegotiationOnAStream() throws Exception {
        open(Protocol.TLS_1_2);
        ((SSLSocket) client).startHandshake();
        assertThatIOException().isThrownBy(() -> readUntil("never"));
        assertEnded("unexpected-data");
    }

    @Test
    void refusesRenegotiationBeforeARequest() throws Exception {
        connect(Protocol.TLS_1_2);
        ((SSLSocket) client).startHandshake();
        ((SSLSocket) client).startHandshake();
        assertThatIOException().isThrownBy(() -> {
            client.getOutputStream().write(GET);
            readUntil("\n\n");
        });
    }

    /**
     * In TLS 1.3, another handshake of the client's socket is a key update (RFC 8446, 4.6.3). The client does not read the answers,
     * because the JDK's client sometimes fails if it reads and updates its keys at the same time.
     */
    @Test
    void endsAStreamWhoseClientKeepsUpdatingItsKeys() throws Exception {
        open(Protocol.TLS_1_3);
        repeat(20_000, ((SSLSocket) client)::startHandshake);
        assertEnded("unexpected-data");
    }

    @Test
    void endsAConnectionWhoseClientKeepsUpdatingItsKeysBeforeARequest() throws Exception {
        connect(Protocol.TLS_1_3);
        assertThat(repeat(20_000, ((SSLSocket) client)::startHandshake)).isLessThan(20_000);
    }

    /** This message is allowed only during a handshake of TLS 1.3 (RFC 8446, 5). */
    @Test
    void endsAStreamWhoseClientSendsMessagesOfTheHandshake() throws Exception {
        open(Protocol.TLS_1_3);
        byte[] changeCipherSpec = {20, 3, 3, 0, 1, 1};
        repeat(FLOOD / changeCipherSpec.length, () -> tcp.getOutputStream().write(changeCipherSpec));
        await().atMost(Duration.ofSeconds(10)).until(() -> hub.subscribers() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void keepsAStreamWhoseClientHasSentAnotherRequest(Protocol protocol) throws Exception {
        open(protocol);
        client.getOutputStream().write(("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + "c".repeat(8_000) + "\r\n\r\n")
                .getBytes(US_ASCII));
        assertGoesOn("still here");
    }

    @Test
    void keepsAStreamWhoseClientUpdatesItsKeysSometimes() throws Exception {
        open(Protocol.TLS_1_3);
        for (int i = 0; i < 20; i++) {
            ((SSLSocket) client).startHandshake();
            assertGoesOn("event " + i);
        }
    }

    /** Each byte of the request is a TLS record of its own. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void acceptsARequestInManySmallRecords(Protocol protocol) throws Exception {
        connect(protocol);
        String body = "topic=t&data=" + "x".repeat(10_000);
        for (byte b : post(body)) {
            client.getOutputStream().write(b);
        }
        assertThat(readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 1_000_000})
    void acceptsManyRequests(int size) throws Exception {
        connect(Protocol.TLS_1_3);
        for (int i = 0; i < 50; i++) {
            client.getOutputStream().write(post("topic=t&data=" + "x".repeat(size)));
            String head = readUntil("\r\n\r\n");
            assertThat(head).startsWith("HTTP/1.1 200");
            int length = Integer.parseInt(head.replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
            assertThat(client.getInputStream().readNBytes(length)).hasSize(length);
        }
    }

    private static byte[] post(String body) {
        return ("POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body).getBytes(US_ASCII);
    }
}
