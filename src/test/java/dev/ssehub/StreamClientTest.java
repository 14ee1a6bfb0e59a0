package dev.ssehub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import com.sun.net.httpserver.HttpExchange;

/** sse-hub.js with hubs that do what a good one does not. */
class StreamClientTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Browser browser;

    private final Queue<String> queries = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    /** As when a connection has died without a word: no FIN, no RST, and EventSource would wait for ever. */
    @Test
    void silenceThatLastsLongerThanTheHeartbeatsEndsAConnectionAndTheNextGoesOn() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeHub hub = new FakeHub(exchange -> {
            queries.add(exchange.getRequestURI().getQuery());
            begin(exchange, "0.1");
            write(exchange, "retry: 100\nid: 1-0\n: fake\n\nid: mine\nat: 1-1\nselector: a\ndata: 1\n\n: heartbeat\n\n");
            if (!exchange.getRequestURI().getQuery().contains("live=false")) {
                awaitUninterruptibly(end);
            }
            exchange.close();
        })) {
            connect(hub);
            await().atMost(PATIENCE).until(() -> queries.stream().filter(query -> query.contains("lastEventID=1-1")).count() > 1);
            assertThat(browser.run("return [...new Set(reasons)].filter(reason => reason !== null)")).asString()
                    .matches("\\[(nothing has come for \\d+ s(, )?)+]");
            assertThat(browser.run("return got")).as("it has it already").isEqualTo(List.of("1"));
            end.countDown();
        }
    }

    /** What EventSource takes for final. */
    @Test
    void isNotDiscouragedByARefusalOrByWhatIsNoStream() throws IOException {
        List<String> answers = List.of("503", "html", "502", "cut", "ok");
        try (FakeHub hub = new FakeHub(exchange -> {
            if (exchange.getRequestURI().getQuery().contains("live=false")) {
                begin(exchange, "15");
                write(exchange, "id: 0-0\n: fake\n\n");
                exchange.close();
                return;
            }
            queries.add(exchange.getRequestURI().getQuery());
            String answer = answers.get(Math.min(queries.size() - 1, answers.size() - 1));
            switch (answer) {
                case "503" -> {
                    exchange.getResponseHeaders().set("Retry-After", "1");
                    refuse(exchange, 503, "text/plain", "the hub is stopping");
                }
                case "502" -> refuse(exchange, 502, "text/html", "<h1>Bad Gateway</h1>");
                case "html" -> refuse(exchange, 200, "text/html", "<h1>Sign in to this network</h1>");
                case "cut" -> {
                    begin(exchange, "15");
                    write(exchange, "retry: 1\nid: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: cut\n");
                    exchange.close();
                }
                default -> {
                    begin(exchange, "15");
                    write(exchange, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: whole\n\n");
                }
            }
        })) {
            connect(hub);
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("whole")));
            assertThat(browser.run("return [...new Set(reasons)]")).asString().contains("the hub is stopping",
                    "answers with something else than an event stream", "the answer was 502", "the hub has ended the stream");
            assertThat(queries.poll()).doesNotContain("lastEventID");
            assertThat(queries).last().asString().contains("lastEventID=1-0");
            assertThat(browser.run("return hub.state.name")).isEqualTo("live");
        }
    }

    /** Whatever bytes come, and however they are cut: EventSource, an independent decoder, reads the same events from them. */
    @Test
    void decodesAsTheBrowserDoes() throws IOException {
        Random random = new Random(5);
        List<String> pieces = List.of("data", "data: ", "data:", "event: ", "event: a\n", "id: ", "id:7\n", "retry: 1\n", ":",
                ": c\n",
                "\n", "\n\n", "\r", "\r\n", "\r\n\r\n", "\r\r", " ", "x", "ä", "\uD83D\uDE00", "\0", "\uFEFF", "topic: t\n",
                "data: one\ndata: two\n\n", "id\n", "data\n\n", "event\n", "\u2028", "foo: bar\n");
        try (FakeHub hub = new FakeHub(exchange -> {
            begin(exchange, "15");
            long seed = Long.parseLong(exchange.getRequestURI().getQuery());
            for (byte[] part : cut(stream(new Random(seed), pieces), new Random(seed))) {
                exchange.getResponseBody().write(part);
                exchange.getResponseBody().flush();
            }
            exchange.close();
        })) {
            browser.open(hub.origin() + "/empty");
            Object results = browser.await("""
                    const { FrameDecoder } = await import('/static/sse-hub/frames.js');
                    const read = (url) => new Promise((resolve) => {
                      const events = [];
                      const source = new EventSource(url);
                      const take = (event) => events.push([event.type, event.data, event.lastEventId]);
                      source.onmessage = take;
                      source.addEventListener('a', take);
                      source.onerror = () => { source.close(); resolve(events); };
                    });
                    const decode = async (url) => {
                      const events = [];
                      const decoder = new FrameDecoder((frame) => frame.data !== null && ['message', 'a'].includes(frame.type)
                          && events.push([frame.type, frame.data, frame.id]));
                      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
                      for (let from = 0; from < bytes.length;) {
                        const to = from + 1 + Math.floor(Math.random() * 8);
                        decoder.push(bytes.subarray(from, to));
                        from = to;
                      }
                      return events;
                    };
                    const differences = [];
                    let events = 0;
                    for (const seed of arguments[0]) {
                      const [expected, actual] = [await read('/sse?' + seed), await decode('/sse?' + seed)];
                      events += expected.length;
                      if (JSON.stringify(expected) !== JSON.stringify(actual)) {
                        differences.push({ seed, expected, actual });
                      }
                    }
                    return { differences, events };""", random.ints(300).mapToObj(Math::abs).toList());
            assertThat(results).asString().startsWith("{differences=[],").doesNotContain("events=0");
        }
    }

    private static void connect(FakeHub hub) {
        browser.open(hub.origin() + "/empty");
        browser.await("""
                const { connect } = await import('/static/sse-hub.js');
                window.hub = connect('/sse');
                window.got = [];
                window.reasons = [];
                hub.addEventListener('state', () => reasons.push(hub.state.reason));
                hub.subscribe('a', event => got.push(event.data));""");
    }

    private static byte[] stream(Random random, List<String> pieces) {
        StringBuilder stream = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            stream.append(pieces.get(random.nextInt(pieces.size())));
        }
        return stream.toString().getBytes(UTF_8);
    }

    private static List<byte[]> cut(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        return List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at, bytes.length));
    }

    private static void begin(HttpExchange exchange, String heartbeat) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().set("Heartbeat-Interval", heartbeat);
        exchange.sendResponseHeaders(200, 0);
    }

    private static void write(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseBody().write(text.getBytes(UTF_8));
        exchange.getResponseBody().flush();
    }

    private static void refuse(HttpExchange exchange, int status, String type, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, text.length());
        write(exchange, text);
        exchange.close();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
