package dev.ssehub;

import module java.base;
import static dev.ssehub.FakeHub.answer;
import static dev.ssehub.FakeHub.begin;
import static dev.ssehub.FakeHub.withoutHistory;
import static dev.ssehub.FakeHub.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.Test;

/** sse-hub.js with misbehaving hubs. */
class StreamClientTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** In a page that runs this, the time between two attempts passes ten times as fast. */
    private static final String QUICK_TIMERS = "const { setTimeout } = window; window.setTimeout = (f, ms) => setTimeout(f, ms / 10);";
    /** In a page that runs this, silence seems five times as long. */
    private static final String QUICK_CLOCK = """
            const now = performance.now.bind(performance);
            performance.now = () => 5 * now();""";

    private final Queue<String> queries = new ConcurrentLinkedQueue<>();

    /** A connection can die without FIN or RST. EventSource would wait for ever. */
    @Test
    void aSilentConnectionIsReplacedAndTheNextOneResumes() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeHub hub = new FakeHub(exchange -> {
            queries.add(exchange.getRequestURI().getQuery());
            begin(exchange, "0.1");
            write(exchange, "retry: 100\nid: 1-0\n: fake\n\nid: mine\nat: 1-1\nselector: a\ndata: 1\n\n: heartbeat\n\n");
            if (exchange.getRequestURI().getQuery().contains("live=false")) {
                write(exchange, ": end\n\n");
            } else {
                awaitUninterruptibly(end);
            }
            exchange.close();
        })) {
            connect(hub, QUICK_CLOCK);
            await().atMost(PATIENCE).until(() -> queries.stream().filter(query -> query.contains("lastEventID=1-1")).count() > 1);
            assertThat(browser.run("return [...new Set(reasons)].filter(reason => reason !== null)")).asString()
                    .matches("\\[(nothing was received for \\d+ s(, )?)+]");
            assertThat(browser.run("return got")).as("the repeated event is delivered once").isEqualTo(List.of("1"));
            end.countDown();
        }
    }

    /** A service worker may keep the answer to a request for the past, and give it again to the same request. */
    @Test
    void noTwoRequestsAreTheSame() throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> {
            queries.add(exchange.getRequestURI().getQuery());
            begin(exchange, "15");
            boolean isLive = !exchange.getRequestURI().getQuery().contains("live=false");
            write(exchange, "id: 1-0\n: fake\n\n" + (isLive ? "" : ": end\n\n"));
            exchange.close();
        })) {
            browser.open(hub.origin() + "/empty");
            browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    const hub = connect('/sse');
                    hub.subscribe('a', () => {}, { since: 'earliest' });
                    hub.subscribe('a', () => {}, { since: 'earliest' });""");
            await().atMost(PATIENCE).until(() -> queries.size() > 4);
            assertThat(List.copyOf(queries)).doesNotHaveDuplicates();
            browser.open(hub.origin() + "/empty");
        }
    }

    @Test
    void thePageWaitsForTheHubFromItsFirstSubscriptionOn() throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeHub hub = new FakeHub(exchange -> {
            awaitUninterruptibly(end);
            exchange.close();
        })) {
            browser.open(hub.origin() + "/empty");
            Object states = browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    const hub = connect('/sse');
                    const before = hub.state.name;
                    hub.subscribe('a', () => {}).ready.catch(() => {});
                    await new Promise((resolve) => hub.addEventListener('state', resolve, { once: true }));
                    const during = hub.state.name;
                    hub.close();
                    return [before, during, hub.state.name].join();""");
            assertThat(states).isEqualTo("idle,connecting,closed");
            end.countDown();
        }
    }

    /** EventSource treats these answers as final. */
    @Test
    void theClientRetriesAfterARefusalOrAnAnswerThatIsNotAStream() throws IOException {
        List<String> answers = List.of("503", "html", "502", "cut", "ok");
        try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
            queries.add(exchange.getRequestURI().getQuery());
            String answer = answers.get(Math.min(queries.size() - 1, answers.size() - 1));
            switch (answer) {
                case "503" -> {
                    FakeHub.mark(exchange);
                    exchange.getResponseHeaders().set("Retry-After", "1");
                    answer(exchange, 503, "text/plain", "the hub is stopping");
                }
                case "502" -> answer(exchange, 502, "text/html", "<h1>Bad Gateway</h1>");
                case "html" -> answer(exchange, 200, "text/html", "<h1>Sign in to this network</h1>");
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
        }))) {
            connect(hub, QUICK_TIMERS);
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("whole")));
            assertThat(browser.run("return [...new Set(reasons)]")).asString().contains("the hub is stopping",
                    "HTTP 200 without an event stream, which did not come from the hub",
                    "HTTP 502, which did not come from the hub", "the hub has ended the stream");
            assertThat(queries.poll()).doesNotContain("lastEventID");
            assertThat(queries).last().asString().contains("lastEventID=1-0");
            assertThat(browser.run("return hub.state.name")).isEqualTo("live");
        }
    }

    @Test
    void anOverloadSetsTheRetryDelayAndIsNotDeliveredAsAnEvent() throws IOException {
        try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
            begin(exchange, "15");
            queries.add(exchange.getRequestURI().getQuery());
            if (queries.size() == 1) {
                write(exchange, "event: overload\nretry: 3000\ndata: {\"message\":\"too many\",\"retry\":3000}\n\n");
                exchange.close();
            } else {
                write(exchange, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: 1\n\n");
            }
        }))) {
            connect(hub);
            await().atMost(PATIENCE).until(() -> browser.run("return reasons.includes('too many')").equals(true));
            assertThat((Number) browser.run("return hub.state.retryAt - Date.now()")).extracting(Number::longValue)
                    .matches(wait -> wait > 1_500, "the delay that the hub demands");
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("1")));
        }
    }

    @Test
    void theStreamResumesWithAFreshTokenAfterTheOldOneExpires() throws IOException {
        Queue<String> tokens = new ConcurrentLinkedQueue<>();
        try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                tokens.add("POST " + exchange.getRequestHeaders().getFirst("Authorization"));
                exchange.getResponseHeaders().set("Content-Type", "text/plain");
                exchange.sendResponseHeaders(200, 3);
                write(exchange, "1-9");
                exchange.close();
                return;
            }
            begin(exchange, "15");
            queries.add(exchange.getRequestURI().getQuery());
            tokens.add(exchange.getRequestHeaders().getFirst("Authorization"));
            if (queries.size() == 1) {
                write(exchange, "retry: 500\nid: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: 1\n\n"
                        + "event: expired\ndata: {\"message\":\"the token has expired\"}\n\n");
                exchange.close();
            } else {
                write(exchange, "id: 1-1\n: fake\n\nid: 1-2\nselector: a\ndata: 2\n\n");
            }
        }))) {
            browser.open(hub.origin() + "/empty");
            browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    let fetched = 0;
                    window.fresh = () => 'token-' + ++fetched;
                    window.hub = connect('/sse', { token: async () => window.fresh() });
                    window.got = [];
                    window.reasons = [];
                    hub.addEventListener('state', () => reasons.push(hub.state.reason));
                    hub.subscribe('a', event => got.push(event.data));""");
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("1", "2")));
            assertThat(browser.run("return reasons")).asString().contains("the token has expired");
            assertThat(queries).noneMatch(query -> query.contains("streamName=")).last().asString().contains("lastEventID=1-1");
            assertThat(tokens).hasSize(2).doesNotHaveDuplicates().allMatch(token -> token.matches("Bearer token-\\d+"));

            browser.await("await hub.publish({ topic: 'a', data: 'x' });");
            assertThat(tokens).last().asString().matches("POST Bearer token-\\d+");
            // a failing token function is reported, and called again for the next request
            Object refused = browser.await("""
                    window.fresh = () => { throw new Error('signed out'); };
                    return hub.publish({ topic: 'a', data: 'x' }).catch(error => error.message);""");
            assertThat(refused).isEqualTo("the page has no token: signed out");
            assertThat(browser.await("""
                    window.fresh = () => '\u201ceyJ\u201d';
                    return hub.publish({ topic: 'a', data: 'x' }).catch(error => `${error.status} ${error.isFinal}`);"""))
                    .isEqualTo("401 true");
        }
    }

    /** A truncated answer looks complete behind a proxy that speaks HTTP/1.0. */
    @Test
    void aTruncatedReplayIsFetchedAgain() throws IOException {
        AtomicInteger cuts = new AtomicInteger(2);
        try (FakeHub hub = new FakeHub(exchange -> {
            String query = exchange.getRequestURI().getQuery();
            queries.add(query);
            begin(exchange, "15");
            if (!query.contains("live=false")) {
                write(exchange, "id: 1-9\n: fake\n\n");
                return;
            }
            int from = query.contains("lastEventID=1-") ? Integer.parseInt(query.replaceFirst(".*lastEventID=1-", "")) + 1 : 0;
            write(exchange, "id: 1-" + (from - 1) + "\n: fake\n\n");
            if (query.contains("lastEventID")) {
                int to = cuts.getAndDecrement() > 0 ? from + 3 : 10;
                for (int i = from; i < to; i++) {
                    write(exchange, "id: 1-" + i + "\nselector: a\ndata: " + i + "\n\n");
                }
                write(exchange, to == 10 ? ": end\n\n" : "");
            }
            exchange.close();
        })) {
            browser.open(hub.origin() + "/empty");
            Object got = browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    const got = [];
                    await connect('/sse').subscribe('a', event => got.push(event.data), { since: 'earliest' }).ready;
                    return got.join();""");
            assertThat(got).isEqualTo("0,1,2,3,4,5,6,7,8,9");
        }
    }

    /** A replay that breaks off goes on where it was, and does not begin with the newest events of that time. */
    @Test
    void onlyTheFirstRequestAsksForTheNewestEvents() throws IOException {
        AtomicInteger cuts = new AtomicInteger(1);
        try (FakeHub hub = new FakeHub(exchange -> {
            String query = exchange.getRequestURI().getQuery();
            begin(exchange, "15");
            write(exchange, "id: 1-9\n: fake\n\n");
            if (query.contains("lastEventID") || query.contains("last=")) {
                queries.add(query);
                boolean cut = cuts.getAndDecrement() > 0;
                write(exchange, (cut ? "id: 1-10" : "id: 1-11") + "\nselector: a\ndata: x\n\n" + (cut ? "" : ": end\n\n"));
                exchange.close();
            } else if (query.contains("live=false")) {
                write(exchange, ": end\n\n");
                exchange.close();
            }
        })) {
            browser.open(hub.origin() + "/empty");
            Object got = browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    const got = [];
                    await connect('/sse').subscribe('a', event => got.push(event.at), { last: 2, since: null }).ready;
                    await connect('/sse').subscribe('a', () => {}, { last: 2, since: 'earliest' }).ready;
                    return got.join();""");
            assertThat(got).isEqualTo("1-10,1-11");
            assertThat(queries.stream().map(query -> query.replaceAll(".*&(last[^&]*).*", "$1"))).containsExactly("last=2",
                    "lastEventID=1-10", "lastEventID=earliest");
        }
    }

    /** Any publisher can set the retry delay of all clients, and a proxy can send any Retry-After. */
    @Test
    void theClientBoundsTheRetryDelay() throws IOException {
        for (String delay : List.of("0", "99999999")) {
            queries.clear();
            try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
                queries.add(exchange.getRequestURI().getQuery());
                if (queries.size() == 1) {
                    begin(exchange, "15");
                    write(exchange, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\nretry: " + delay + "\ndata: x\n\n");
                    exchange.close();
                } else {
                    exchange.getResponseHeaders().set("Retry-After", delay + "0");
                    answer(exchange, 503, "text/plain", "later");
                }
            }))) {
                connect(hub);
                await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("x")));
                browser.await("""
                        const start = performance.now();
                        window.longest = 0;
                        while (performance.now() - start < 1200) {
                          longest = Math.max(longest, hub.state.retryAt - Date.now());
                          await new Promise(resolve => setTimeout(resolve, 20));
                        }""");
                assertThat(queries.size()).as(delay).isLessThan(8);
                assertThat(((Number) browser.run("return longest")).longValue()).as(delay).isBetween(200L, 300_000L);
            }
        }
    }

    /** A page that changes topics faster than the hub answers must not block the stream for the other subscriptions. */
    @Test
    void frequentTopicChangesDoNotStarveOtherSubscriptions() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
            queries.add(exchange.getRequestURI().getQuery());
            awaitUninterruptibly(never, Duration.ofMillis(200)); // a slow network
            begin(exchange, "15");
            write(exchange, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: x\n\n");
        }))) {
            connect(hub);
            browser.run("""
                    let subscription = null;
                    let n = 0;
                    window.got.length = 0;
                    window.churn = setInterval(() => {
                      const next = hub.subscribe(`topic-${n++}`, () => {});
                      subscription?.close();
                      subscription = next;
                    }, 50);
                    hub.subscribe('a', event => got.push(`again ${event.data}`));""");
            await().atMost(Duration.ofSeconds(5)).until(() -> browser.run("return got").toString().contains("x"));
            int before = queries.size();
            browser.await("await new Promise(resolve => setTimeout(resolve, 2000)); clearInterval(churn)");
            assertThat(queries.size() - before).as("streams opened in two seconds").isBetween(1, 8);
        }
    }

    /** A captive portal answers with its sign-in page. */
    @Test
    void anAnswerThatIsNotAnEventIdIsAnError() throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> {
            if (exchange.getRequestURI().getQuery() == null) {
                answer(exchange, 200, "text/html", "<h1>Sign in</h1>");
            } else {
                exchange.getResponseHeaders().set("Location", "/empty");
                answer(exchange, 302, "text/plain", "moved");
            }
        })) {
            browser.open(hub.origin() + "/empty");
            for (String url : List.of("/sse", "/sse?elsewhere")) {
                assertThat(browser.await("""
                        const { connect } = await import('/static/sse-hub.js');
                        return connect(arguments[0]).publish({ topic: 'a' }).catch(error => `${error.name}: ${error.message}`)""",
                        url))
                        .asString().matches(
                                "HubError: (HTTP 200 without an event id|a redirect), which did not come from the hub");
            }
        }
    }

    @Test
    void misuseIsRejectedWithOneSentence() throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> answer(exchange, 200, "text/plain", "1-1"))) {
            browser.open(hub.origin() + "/empty");
            assertThat(browser
                    .await("""
                            const { connect } = await import('/static/sse-hub.js');
                            const outcome = async (action) => {
                              try {
                                return await action();
                              } catch (error) {
                                return `${error.name}${error.isFinal ? ', final' : ''}: ${error.message}`;
                              }
                            };
                            return [
                              await outcome(() => connect('/sse', { tokn: 1, token: 'x', account: 'y', withCredentials: true })),
                              await outcome(() => connect('/sse', 'a token')),
                              await outcome(() => connect('/sse').subscribe('a', () => {}, { sinec: 1, since: 'earliest', onerror() {} })),
                              await outcome(() => connect('/sse').publish('x')),
                              await outcome(() => connect('/sse', { token: 'Bearer eyJ.e.s' }).publish({ topic: 'a' })),
                              await outcome(() => connect('/sse', { token: () => 'bearer eyJ.e.s' }).subscribe('a', () => {},
                                  { onerror() {} }).ready),
                              await outcome(() => connect('/sse', { token: 'eyJ.e.s' }).publish({ topic: 'a' })),
                            ];"""))
                    .isEqualTo(List.of(
                            "TypeError: connect(url, options) takes an object with the options token, withCredentials, account, not tokn",
                            "TypeError: connect(url, options) takes an object with the options token, withCredentials, account, "
                                    + "not anything else",
                            "TypeError: subscribe(topics, listener, options) takes an object with the options since, last, onend, onerror, not sinec",
                            "TypeError: publish(fields) takes an object such as { topic, data }, a FormData or a URLSearchParams",
                            "HubError, final: the page's token is not valid: it begins with Bearer, which must be left out",
                            "HubError, final: the page's token is not valid: it begins with Bearer, which must be left out",
                            "1-1"));
        }
    }

    /** The streams are random bytes in random pieces. EventSource is an independent decoder. */
    @Test
    void theDecoderReadsTheSameEventsAsEventSource() throws IOException {
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
                      const decoder = new FrameDecoder({ comment() {}, retry() {}, frame: (frame) => frame.data !== null
                          && ['message', 'a'].includes(frame.type) && events.push([frame.type, frame.data, frame.id]) });
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
                    return { differences, events };""", random.ints(200).mapToObj(Math::abs).toList());
            assertThat(results).asString().startsWith("{differences=[],").doesNotContain("events=0");
        }
    }

    private static void connect(FakeHub hub) {
        connect(hub, "");
    }

    private static void connect(FakeHub hub, String before) {
        browser.open(hub.origin() + "/empty");
        browser.run(before);
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

    private static void awaitUninterruptibly(CountDownLatch latch) {
        awaitUninterruptibly(latch, Duration.ofMinutes(1));
    }

    private static void awaitUninterruptibly(CountDownLatch latch, Duration timeout) {
        try {
            var _ = latch.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
