package dev.ssehub.server;

import module java.base;
import static dev.ssehub.server.AttackedHub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Wrong requests, each of a kind that has broken a server before. */
class HostileRequestTest {
    private static final String H = " HTTP/1.1\r\nHost: localhost\r\n";
    private static final String POST = "POST /sse" + H + "Content-Type: application/x-www-form-urlencoded\r\n";

    /** Requests whose end is in doubt. */
    private static final List<String> FRAMING = List.of(POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            POST + "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
            POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /smuggled" + H + "\r\n",
            POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled" + H + "\r\n",
            POST + "Transfer-Encoding: xchunked\r\n\r\n", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n",
            POST + "Transfer-Encoding:\r\n\r\n", POST + "Transfer-Encoding: chunked, identity\r\n\r\n",
            POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", POST + " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            POST + "Transfer-Encoding:\tchunked\r\n\r\n", POST + "Transfer-Encoding: \u000bchunked\r\n\r\n",
            POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\ntopic=t", POST + "Content-Length: 5, 6\r\n\r\ntopic=t",
            POST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\ntopic", POST + "Content-Length: -1\r\n\r\n",
            POST + "Content-Length: -9223372036854775809\r\n\r\n", POST + "Content-Length: 9223372036854775807\r\n\r\n",
            POST + "Content-Length: 99999999999999999999\r\n\r\n", POST + "Content-Length: +7\r\n\r\ntopic=t",
            POST + "Content-Length: 0x7\r\n\r\ntopic=t", POST + "Content-Length: 7 7\r\n\r\ntopic=t",
            POST + "Content-Length: \r\n\r\n", POST + "Content-Length: \u00b2\r\n\r\n",
            POST + "Content-Length : 7\r\n\r\ntopic=t", POST + "Content-Length: 100\r\n\r\ntopic=t",
            "GET /sse" + H + "Content-Length: -1\r\n\r\n", "GET /static/" + H + "Content-Length: 1e3\r\n\r\n",
            "POST /none" + H + "Content-Length: 100\r\n\r\nabc");

    /** Requests with malformed lines or headers. */
    private static final List<String> LINES = List.of("GET /" + "a".repeat(20_000) + H + "\r\n",
            "GET /sse" + H + "X: " + "a".repeat(20_000) + "\r\n\r\n", "GET /sse" + H + "X".repeat(20_000) + ": a\r\n\r\n",
            "GET /sse" + H + ": no name\r\n\r\n", "GET /sse" + H + ":\r\n\r\n",
            "GET /sse" + H + "X: a\r\n".repeat(5_000) + "\r\n", "A".repeat(100_000), "GET /sse" + H + "no colon\r\n\r\n",
            "GET /sse" + H + "A B: x\r\n\r\n", "GET /sse" + H + "X: a\u0000b\r\n\r\n", "GET /sse" + H + "X\u0000: ab\r\n\r\n",
            "GET /sse" + H + "X: a\u0001\u0008b\u007f\r\n\r\n", get("/s\u0000se"), get("/s\u0001se"),
            "G\u0000T /sse" + H + "\r\n", "\u0000\u0000\u0000\u0000\r\n\r\n", "GET /sse" + H + "X: a\rX-Injected: b\r\n\r\n",
            "GET /sse" + H + "X: a\nX-Injected: b\r\n\r\n", "GET /sse HTTP/1.1\nHost: localhost\n\n",
            "GET /sse HTTP/1.1\rHost: localhost\r\r", get("/sse\rX-Injected: b"),
            "GET /sse" + H + "X: a\r\n X-Injected: b\r\n\r\n",
            "GET /sse" + H + "X: a\r\n\tb\r\n\r\n", "GET /sse HTTP/1.1\r\n\r\n", "GET /sse" + H + "Host: other\r\n\r\n",
            "GET /sse HTTP/1.1\r\nHost: a b\r\n\r\n", "GET /sse HTTP/1.1\r\nHost: a:x\r\n\r\n",
            "GET /sse HTTP/1.1\r\nHost: a:99999999999\r\n\r\n", "GET /sse HTTP/1.1\r\nHost: [::1\r\n\r\n",
            "GET /sse HTTP/1.1\r\nHost: [zz]\r\n\r\n", "GET /sse HTTP/1.1\r\nHost: \r\n\r\n", get(" /sse"),
            "GET /sse  HTTP/1.1\r\nHost: x\r\n\r\n", " GET /sse" + H + "\r\n", "GET\t/sse\tHTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /sse HTTP/0.9\r\n\r\n", "GET /sse\r\n\r\n", "GET /sse HTTP/2.0\r\nHost: x\r\n\r\n",
            "GET /sse http/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "/sse" + H + "\r\n", "GET", "GET /sse",
            "GET /sse" + H, "GET /sse" + H + "X", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
            "b\u00e4d /sse" + H + "\r\n", get("/s\u00e9"), get("/sse?topic=\u00e9"), "<script> /sse" + H + "\r\n",
            get("/<script>"));

    /** Requests with a malformed or unknown target. */
    private static final List<String> TARGETS = List.of(get("*"), "OPTIONS *" + H + "\r\n", get("sse"),
            get("http://localhost/none"), get("http://other.example/none"), get("http://"), get("http:///none"),
            get("http:a://x"), get("a:b://c/d"), get("HTTP:x://"),
            "HEAD http:a://x" + H + "\r\n",
            "CONNECT localhost:80" + H + "\r\n", get("localhost:80"), get("//none"), get("//evil.example/%2f.."), get("/../none"),
            get("/%"), get("/%zz"), get("/%c3%28"), get("/%00"), get("/%ff%fe"), get("/%2"), get("/sse%"), get("/none?%"),
            get("?"), get(";"), get("#"), get("/none;a=b;c"), get("/none;%=%"), get("/sse?topic=%"), get("/sse?topic=%zz"),
            get("/sse?topic=%c3%28"), get("/sse?topic=%00"), get("/sse?%ff=x"), get("/.well-known/mercure/subscriptions/%"),
            get("/.well-known/mercure/subscriptions/%ff"), get("/.well-known/mercure/subscriptions/%00/<a>"),
            get("/.well-known/mercure/subscriptions/a^b|c"), get("/.well-known/mercure/subscriptions/%2f/%2f"),
            get("/.well-known/mercure/subscriptions/%0d%0aX-Injected:b"), get("/.well-known/mercure/subscriptions/a\\b"));

    /** Requests for files outside of static, and for files with unusual headers and methods. */
    private static final List<String> FILES = List.of(get("/static/../application.yaml"),
            get("/static/%2e%2e/dev/ssehub/application.yaml"), get("/static/..%2f../dev/ssehub/logging.properties"),
            get("/static/..%2f..%2f"), get("/static//etc/passwd"), get("/static/%2fetc/passwd"), get("/static/\\..\\"),
            get("/static/..\\dev\\ssehub\\logging.properties"), get("/static/%5c..%5cdev%5cssehub%5clogging.properties"),
            get("/static/%252e%252e/dev/ssehub/logging.properties"), get("/static/../dev/ssehub/Main.class"),
            get("/static/../META-INF/MANIFEST.MF"), get("/static/..;/dev/ssehub/logging.properties"),
            get("/static/%2e%2e%2fdev/ssehub/logging.properties"), get("/static/.%2e/dev/ssehub/logging.properties"),
            get("/dev/ssehub/Main.class"), get("/META-INF/MANIFEST.MF"), get("/static/index.html%00.js"), get("/static/page.js/"),
            get("/static/panels"), get("/static/panels/"), get("/static/./././page.nothing"), get("/static/file:/etc/passwd"),
            get("/static/jar:file:x!/a"), get("/static/%0d%0aX-Injected:%20b"), get("/static/panels%0d%0aX-Injected:%20b"),
            get("/static/static/../../dev/ssehub/logging.properties"), "GET /static/page.js" + H + "If-Match: W/\"\r\n\r\n",
            "GET /static/page.js" + H + "If-None-Match: \"\r\n\r\n", "GET /static/page.js" + H + "If-Modified-Since: \r\n\r\n",
            "GET /static/page.js" + H + "If-Unmodified-Since: never\r\n\r\n", "HEAD /none" + H + "\r\n",
            "HEAD /sse?topic=%" + H + "\r\n", "POST /static/page.js" + H + "Content-Length: 3\r\n\r\nabc",
            "POST /none" + H + "Content-Length: 3\r\n\r\nabc", get("/observe"), get("/observe/health/x"),
            "POST /observe/health" + H + "\r\n", get("/observe/%2e%2e"),
            "POST /sse" + H + "Content-Type: \u00e9;;=\r\nContent-Length: 7\r\n\r\ntopic=t", "POST /sse" + H
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\ntopic=t");

    /** Requests with line breaks in texts that end up in headers, events and logs. */
    private static final List<String> FIELDS = List.of(form("topic=t%0d%0aX-Injected:b&data=x"),
            form("topic=t&id=a%0d%0aX-Injected:b"), form("topic=t&id=a%0aX-Injected:b"), form("topic=t&type=a%0d%0aX-Injected:b"),
            form("topic=t&id=%00"), form("topic=t&type=%00"), form("topic=t&retry=1%0d%0aX-Injected:b"), form("topic=%ff"),
            form("topic=%"), form("%=%"), form("topic=t&data=%c0%80"), form("a=b&".repeat(2000)),
            get("/sse?topic=t%0d%0aX-Injected:%20b"), get("/%0d%0aX-Injected:%20b"), "DELETE%0d%0aX-Injected:b /sse" + H + "\r\n",
            "GET /sse" + H + "Content-Type: \u00e9\r\nX-Injected\u00e9: x\r\n\r\n");

    /** Strange requests whose meaning is clear. */
    private static final List<String> HARMLESS = List.of("\r\n\r\nGET /sse" + H + "\r\n",
            "\rGET /sse?topic=t" + H + "Last-Event-ID: urn:x\r\nAccept: text/event-stream\r\n\r\n",
            "\nGET /sse?topic=t" + H + "Last-Event-ID: urn:x\r\nAccept: text/event-stream\r\n\r\n", "\n\nGET /sse" + H + "\r\n",
            POST + "Content-Length: 7\r\nExpect: 200-ok\r\n\r\ntopic=t",
            "GET /sse HTTP/1.1\r\nHost: a:99999\r\n\r\n", get("/sse#x"), get("/static"),
            "GET /static/page.js" + H + "Range: bytes=9-1\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=-9999999999999999999\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=5-9223372036854775807\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=" + "0-0,".repeat(2000) + "\r\n\r\n",
            "GET /static/page.js" + H + "Range: x\r\n\r\n", "GET /static/page.js" + H + "Range: bytes=\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=0-0,0-0,0-0\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=-999999999\r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes= 0-9 \r\n\r\n",
            "GET /static/page.js" + H + "Range: bytes=5-999999999\r\n\r\n", "GET /static/page.js" + H + "Range: bytes=5-\r\n\r\n",
            "GET /static/page.js" + H + "If-None-Match: \r\n\r\n",
            "GET /static/page.js" + H + "Accept: ;;;/\r\n\r\n", "GET /static/page.js" + H + "Accept-Encoding: ,;q=x\r\n\r\n",
            "GET /static/page.js" + H + "Cookie: ===;;;a\r\n\r\n", "GET /sse?topic=t" + H + "Accept: ;;;/\r\n\r\n",
            "GET /sse?topic=t" + H + "Cookie: ;=\r\n\r\n", "GET /sse" + H + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "GET /sse" + H + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
            "GET /sse" + H + "Content-Type: x\r\nX-Forwarded-For: \u00ff\r\nForwarded: ;;=\r\n\r\n",
            "GET /sse" + H + "X-Forwarded-Host: a:b:c\r\nX-Forwarded-Port: x\r\n\r\n",
            "GET /static" + H + "X-Forwarded-Host: evil.example\r\nX-Forwarded-Port: x\r\n\r\n",
            "GET /static" + H + "Origin: x\r\n\r\n", get("/sse?topic=t&lastEventID=a%0d%0aX-Injected:%20b"),
            "GET /sse?topic=t" + H + "Last-Event-ID: a%0d%0aX-Injected: b\r\n\r\n",
            "GET /sse?topic=t" + H + "User-Agent: a%0d%0aX-Injected: b\r\n\r\n",
            "GET /sse?topic=t" + H + "Last-Event-ID: a\u00e9\u0080\r\n\r\n", get("/sse?topic=t&lastEventID=%00"),
            get("/sse?topic=t&lastEventID=%0d"));

    private AttackedHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new AttackedHub();
    }

    @AfterEach
    void stop() throws IOException {
        hub.close();
    }

    @Test
    void refusesRequestsWithADoubtfulEndAndReadsNothingBehindThem() throws Exception {
        assertRefused(FRAMING);
    }

    @Test
    void refusesMalformedLines() throws Exception {
        assertRefused(LINES);
    }

    @Test
    void refusesMalformedAndUnknownTargets() throws Exception {
        assertRefused(TARGETS);
    }

    @Test
    void sendsNoFilesExceptThePages() throws Exception {
        assertRefused(FILES);
    }

    @Test
    void letsNoLineBreaksIntoHeadersEventsAndLogs() throws Exception {
        assertRefused(FIELDS);
    }

    /** Helidon reads this body before the hub does, and keeps silent about the malformed chunk. */
    @Test
    void answersARequestWhoseBodyHelidonCannotRead() throws Exception {
        String answer = hub.attack("'ST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\na=b\r\n0\r\nX: y\n\r\n").getFirst();
        assertThat(AttackedHub.status(answer)).isBetween(400, 499);
    }

    @Test
    void answersStrangeButValidRequests() throws Exception {
        for (String request : HARMLESS) {
            assertThat(hub.attack(request)).as(request).singleElement().matches(answer -> status(answer) < 400);
        }
    }

    @Test
    void explainsARefusalWithASentenceAndTheRightStatus() throws Exception {
        assertAnswer("nonsense\r\n\r\n", 400, "the request is not valid HTTP/1.1");
        assertAnswer(get("/none"), 404, "there is nothing here\n");
        assertAnswer(get("/static/panels"), 403, "this is not a file\n");
        assertAnswer(get("/" + "a".repeat(20_000)), 414,
                "the first line of the request is too long (sse-hub.limits.max-header-size)\n");
        assertAnswer("GET /sse" + H + "X: " + "a".repeat(20_000) + "\r\n\r\n", 431, "the headers of the request are too large");
        assertAnswer("GET /static/page.js" + H + "If-None-Match: \"\r\n\r\n", 400,
                "the header If-None-Match or If-Match is malformed\n");
        assertAnswer("POST /static/page.js" + H + "Content-Length: 1\r\n\r\nx", 405, "POST is not allowed here, only GET\n");
        assertThat(hub.attack("POST /static/page.js" + H + "\r\n").getFirst()).contains("\r\nAllow: GET, HEAD\r\n");
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        for (String path : List.of("/none", "/static/none", "/static/panels", "/%", "/sse?topic=%", "/static/page.js")) {
            assertThat(hub.attack("HEAD " + path + H + "\r\n")).as(path).singleElement().asString().endsWith("\r\n\r\n");
        }
    }

    @Test
    void allowsThePageOnlyWhatItNeeds() throws Exception {
        assertThat(hub.attack(get("/static/index.html")).getFirst()).contains("\r\nX-Frame-Options: DENY\r\n",
                "\r\nContent-Security-Policy: default-src 'self';");
        // a browser applies the headers of a 304 to the answer that it has cached
        assertThat(
                hub.attack("GET /static/index.html" + H + "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n\r\n").getFirst())
                .startsWith("HTTP/1.1 304").contains("\r\nContent-Security-Policy: default-src 'self';")
                .doesNotContain("default-src 'none'", "text/plain");
        for (String path : List.of("/", "/none", "/sse", "/sse?topic=%", "/observe/health", "/%",
                "/.well-known/mercure/subscriptions")) {
            assertThat(hub.attack(get(path)).getFirst()).as(path)
                    .contains("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n")
                    .doesNotContain("Strict-Transport-Security");
        }
    }

    @Test
    void leavesNothingBehind() throws Exception {
        List<String> all = Stream.of(FRAMING, LINES, TARGETS, FILES, FIELDS, HARMLESS).flatMap(List::stream).toList();
        attack(all);
        long memory = TestHub.usedMemory();
        int threads = threads();
        long files = files();

        for (int i = 0; i < 5; i++) {
            attack(all);
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> hub.hub().subscribers() == 1);
        // the JVM starts a few threads of its own at times
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(List.of(threads() - threads, (int) (files() - files))).allMatch(more -> more < 10));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(
                () -> assertThat(TestHub.usedMemory() - memory).as("for a thousand requests").isLessThan(1 << 20));
    }

    private void attack(List<String> requests) throws Exception {
        for (String request : requests) {
            hub.attack(request);
        }
    }

    /** Asserts that each request gets one refusal, or that the connection is closed. */
    private void assertRefused(List<String> requests) throws Exception {
        for (String request : requests) {
            assertThat(hub.attack(request)).as(request).hasSizeLessThan(2).allMatch(answer -> status(answer) >= 400);
        }
    }

    private void assertAnswer(String request, int status, String sentence) throws Exception {
        assertThat(hub.attack(request)).as(request).singleElement()
                .matches(answer -> status(answer) == status && answer.contains("\r\n\r\n" + sentence));
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long files() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }

    private static String get(String target) {
        return "GET " + target + H + "\r\n";
    }

    private static String form(String body) {
        return POST + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
