package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which programs send the form of a publish request. */
class PublishBodyTest {
    private static final int MAX_SIZE = 5_000;
    private static final String FORM_HEAD = "POST /sse HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\n";

    private final Hub hub = TestHub.create();
    private HubServer server;

    @BeforeEach
    void start() throws IOException {
        TestSettings settings = new TestSettings();
        settings.maxPublishSize = MAX_SIZE;
        server = HubServer.start(settings.build(), hub, TestHub.open("open"), new Meters());
    }

    @AfterEach
    void stop() {
        hub.close();
        server.close();
    }

    /** Many programs send a body in chunks, because they do not know its length when they begin (RFC 9112, section 7.1). */
    @Test
    void takesChunkedRequests() throws Exception {
        String head = FORM_HEAD + "Transfer-Encoding: chunked\r\n\r\n";
        String[] bodies = {"f\r\ntopic=open&data\r\n2\r\n=1\r\n0\r\n\r\n",
                "0011;a=b ; c=\"d\"\r\ntopic=open&data=2\r\n000;x\r\nX-Trailer: y\r\n\r\n",
                "1\r\nt\r\n10 \r\nopic=open&data=3\r\n0\r\n\r\n"};
        try (SseClient subscriber = SseClient.opened(server.port(), "/sse?topic=open")) {
            assertThat(raw(head + bodies[0] + "\r\n" + head + bodies[1] + "\r\n\r\n" + FORM_HEAD + "Connection: close\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + bodies[2]).split("HTTP/1.1 200 OK", -1)).hasSize(4);
            assertThat(List.of(subscriber.nextData(), subscriber.nextData(), subscriber.nextData())).containsExactly("1", "2",
                    "3");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"zz|the size of a chunk must be a hexadecimal number, and its line must end with CRLF",
            "5 x|the size of a chunk must be a hexadecimal number, and its line must end with CRLF",
            "1 0|the size of a chunk must be a hexadecimal number, and its line must end with CRLF",
            "-1|the size of a chunk must be a hexadecimal number, and its line must end with CRLF", ";a|a chunk has no size",
            "''|a chunk has no size",
            "00000000000000000|the size of a chunk is too large", "8fffffffffffffff0|the size of a chunk is too large",
            "1#xy|a chunk is longer than its size, or a line does not end with CRLF",
            "1;a=b%|the extensions and trailers of the chunks are longer than 8192 bytes",
            "0#X: %|the extensions and trailers of the chunks are longer than 8192 bytes"})
    void refusesMalformedChunks(String line, String sentence) throws Exception {
        String body = line.replace("#", "\r\n").replace("%", "a".repeat(9_000)) + "\r\n\r\n";
        String answer = raw(
                FORM_HEAD + "Transfer-Encoding: chunked\r\n\r\n" + body + FORM_HEAD + "Content-Length: 7\r\n\r\ntopic=t");
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\r\nConnection: close\r\n")
                .endsWith("\r\n\r\n" + sentence + "\n");
        assertThat(answer.split("HTTP/1.1 ", -1)).hasSize(2);
        assertThat(hub.published()).isZero();
    }

    @Test
    void limitsTheSizeOfAChunkedRequest() throws Exception {
        String chunk = "3e8\r\n" + "x".repeat(1_000) + "\r\n";
        String answer = raw(
                FORM_HEAD + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk.repeat(MAX_SIZE / 1_000 + 1)
                        + "0\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 413 ")
                .endsWith("\r\n\r\na publish request may have up to " + MAX_SIZE + " bytes, this one has more\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded;",
            "application/x-www-form-urlencoded; charset=utf8", "Application/X-WWW-Form-URLEncoded ;Charset=\"UTF-8\"; ",
            "application/x-www-form-urlencoded; charset=us-ascii;version=1", "application/x-www-form-urlencoded; boundary"})
    void takesAFormHoweverItsTypeIsWritten(String type) throws Exception {
        assertThat(raw("POST /sse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 17\r\nContent-Type: " + type
                + "\r\n\r\ntopic=open&data=1")).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "deflate, gzip"})
    void refusesCompressedForms(String coding) throws Exception {
        String answer = raw(FORM_HEAD + "Connection: close\r\nContent-Encoding: " + coding
                + "\r\nContent-Length: 17\r\n\r\ntopic=open&data=1");
        assertThat(answer).startsWith("HTTP/1.1 415 ").contains("\r\nAccept-Encoding: identity\r\n")
                .endsWith("\r\n\r\nthe body must not be compressed, but its Content-Encoding is " + coding + "\n");
        assertThat(
                raw(FORM_HEAD + "Connection: close\r\nContent-Encoding: identity\r\nContent-Length: 17\r\n\r\ntopic=open&data=1"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void answersARequestWithTheWholeUrlInItsFirstLine() throws Exception {
        for (String url : List.of("http://localhost/observe/health", "HTTPS://hub.example:8443/observe/health")) {
            assertThat(raw("GET " + url + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
        }
        assertThat(raw("GET http://localhost?x HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 302 ");
        assertThat(raw("GET http:///observe/health HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    /** nginx speaks HTTP/1.0 unless it is told otherwise, and so do health checks of HAProxy and ApacheBench. */
    @Test
    void answersHttp10() throws Exception {
        String publish = FORM_HEAD.replace("1.1", "1.0") + "Content-Length: 17\r\n\r\ntopic=open&data=1";
        assertThat(raw(publish)).startsWith("HTTP/1.1 200 ").contains("\r\nConnection: close\r\n");
        assertThat(raw("GET /observe/health HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ").contains("\r\nConnection: close\r\n");
        assertThat(raw("GET /static/page.js HTTP/1.0\r\nHost: localhost\r\n\r\n")).contains("\r\nContent-Length: ");
        assertThat(raw("GET /sse?topic=open&lastEventID=earliest&live=false HTTP/1.0\r\nhost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ").doesNotContain("Transfer-Encoding", "Content-Length")
                .matches("(?s).*\r\n\r\nretry: \\d+\nid: \\d+-\\d+\n: sse-hub\nid: \\d+-\\d+\ndata: 1\n\n: end\n");
        assertThat(raw(publish.replace("Content-Length: 17", "Content-Length: 17\r\nExpect: 100-continue")))
                .startsWith("HTTP/1.1 200 ");
        assertThat(raw(publish.replace("Content-Length: 17", "Transfer-Encoding: chunked"))).startsWith("HTTP/1.1 400 ");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
