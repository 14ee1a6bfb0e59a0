package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Valid requests with random changes. */
class MutilatedRequestTest {
    private static final List<String> GOOD = List.of(
            "GET /sse?topic=t HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: urn:x\r\nAccept: text/event-stream\r\n\r\n",
            "POST /sse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 27\r\n\r\ntopic=t&id=x&type=y&data=%20",
            "GET /static/page.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"x\"\r\n"
                    + "If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT\r\nRange: bytes=0-9\r\n\r\n",
            "GET /.well-known/mercure/subscriptions/a/b HTTP/1.1\r\nHost: localhost:80\r\nCookie: a=b; c=d\r\n\r\n",
            "POST /sse HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n");
    private static final List<String> EVIL = List.of("\r", "\n", "\r\n", "\r\n\r\n", "\u0000", "\u0001", "\u007f", "\u0080",
            "\u00ff",
            " ", "\t", "%", "%0d%0a", "%00", "%ff", "%2e%2e%2f", "../", "//", "\\", ";", ":", ",", "\"", "'", "<", "{", "-1",
            "99999999999999999999",
            "\r\n X-Injected: b", "\r\nX-Injected: b", "\nX-Injected: b", "\r\nContent-Length: 3",
            "\r\nTransfer-Encoding: chunked",
            "\r\nExpect: 100-continue", "\r\nConnection: close", "\r\nRange: bytes=", "a".repeat(17_000));

    private static AttackedHub hub;

    /** Replaces a number of characters, from a position that is given in thousandths of the length. */
    record Cut(int from, int length, String by) {
        String apply(String request) {
            int start = request.length() * from / 1000;
            return request.substring(0, start) + by + request.substring(Math.min(request.length(), start + length));
        }
    }

    @BeforeContainer
    static void start() throws IOException {
        hub = new AttackedHub();
    }

    @AfterContainer
    static void stop() throws IOException {
        hub.close();
    }

    @Property(tries = 1000)
    void answersMutilatedRequestsInOrderOrNotAtAll(@ForAll("requests") String request) throws Exception {
        assertThat(hub.attack(request)).hasSizeLessThan(10);
    }

    @Provide
    Arbitrary<String> requests() {
        Arbitrary<Cut> cuts = Combinators.combine(Arbitraries.integers().between(0, 1000), Arbitraries.integers().between(0, 8),
                Arbitraries.of(EVIL)).as(Cut::new);
        return Combinators.combine(Arbitraries.of(GOOD), cuts.list().ofMinSize(1).ofMaxSize(4))
                .as((request, all) -> all.stream().reduce(request, (left, cut) -> cut.apply(left), (left, _) -> left));
    }
}
