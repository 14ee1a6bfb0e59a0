package dev.ssehub;

import module java.base;
import static dev.ssehub.FakeHub.answer;
import static dev.ssehub.FakeHub.begin;
import static dev.ssehub.FakeHub.mark;
import static dev.ssehub.FakeHub.withoutHistory;
import static dev.ssehub.FakeHub.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.ssehub.config.HubConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** sse-hub.js when something else answers in place of the hub: a proxy while the hub restarts, or the sign-in page of a network. */
class ForeignAnswersTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicBoolean hubIsAway = new AtomicBoolean(true);
    private final AtomicInteger foreign = new AtomicInteger();

    /** EventSource, and the module before it knew the mark, gave up for good. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            404 | text/plain               | 404 page not found     | HTTP 404, which did not come from the hub
            401 | text/plain;charset=utf-8 | Unauthorized           | HTTP 401, which did not come from the hub
            403 | text/html                | <h1>Forbidden</h1>     | HTTP 403, which did not come from the hub
            400 | text/plain               | no such host           | HTTP 400, which did not come from the hub
            502 | text/html                | <h1>Bad Gateway</h1>   | HTTP 502, which did not come from the hub
            200 | text/html                | <h1>Sign in</h1>       | HTTP 200 without an event stream, which did not come from the hub
            200 | text/plain               | Welcome                | HTTP 200 without an event stream, which did not come from the hub
            302 | text/html                | Moved                  | a redirect, which did not come from the hub
            """)
    void anAnswerThatIsNotTheHubsIsAnOutage(int status, String type, String text, String reason) throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> {
            if (hubIsAway.get()) {
                foreign.incrementAndGet();
                exchange.getResponseHeaders().set("Location", "/empty");
                answer(exchange, status, type, text);
            } else {
                withoutHistory(live -> {
                    begin(live, "15");
                    write(live, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: 1\n\n");
                }).handle(exchange);
            }
        })) {
            browser.open(hub.origin() + "/empty");
            browser.await(SUBSCRIBE);
            await().atMost(PATIENCE).until(() -> browser.run("return hub.state.name").equals("waiting"));
            assertThat(browser.run("return hub.state.reason")).isEqualTo(reason);
            assertThat(browser.await("return hub.publish({ topic: 'a', data: 'x' }).catch(error => error.isFinal)"))
                    .isEqualTo(false);
            hubIsAway.set(false);
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("1")));
            assertThat(browser.run("return errors")).isEqualTo(List.of());
            assertThat(foreign.get()).isGreaterThan(2);
        }
    }

    private static final String SUBSCRIBE = """
            const { connect } = await import('/static/sse-hub.js');
            window.hub = connect('/sse', { token: () => window.token?.() ?? null });
            window.got = [];
            window.errors = [];
            hub.subscribe('a', event => got.push(event.data), { onerror: error => errors.push(error.message) });""";

    @Test
    void theHubsOwnRefusalIsFinal() throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> {
            mark(exchange);
            answer(exchange, 403, "text/plain", "not for you");
        })) {
            browser.open(hub.origin() + "/empty");
            browser.await(SUBSCRIBE);
            await().atMost(PATIENCE).until(() -> browser.run("return errors").equals(List.of("not for you")));
            assertThat(browser.await("return hub.publish({ topic: 'a' }).catch(error => `${error.isFinal} ${error.message}`)"))
                    .isEqualTo("true not for you");
        }
    }

    /** A proxy that leaves out headers that it does not know must not break what works. */
    @Test
    void answersWithoutTheMarkCountIfTheyAreWhatWasAskedFor() throws IOException {
        try (FakeHub hub = new FakeHub(exchange -> {
            if (exchange.getRequestMethod().equals("POST")) {
                byte[] form = exchange.getRequestBody().readAllBytes();
                answer(exchange, 200, "text/plain",
                        new String(form, StandardCharsets.UTF_8).contains("id=mine") ? "mine" : "1-7");
            } else {
                withoutHistory(live -> {
                    begin(live, "15");
                    write(live, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: 1\n\n");
                }).handle(exchange);
            }
        })) {
            browser.open(hub.origin() + "/empty");
            browser.await(SUBSCRIBE);
            await().atMost(PATIENCE).until(() -> browser.run("return got").equals(List.of("1")));
            assertThat(browser.await("return hub.publish({ topic: 'a' })")).isEqualTo("1-7");
            assertThat(browser.await("return hub.publish({ topic: 'a', id: 'mine' })")).isEqualTo("mine");
        }
    }

    /** A 403 of the hub says that the fresh token belongs to somebody else. A 403 of a proxy says nothing. */
    @Test
    void aForeignAnswerToARenewalLeavesTheStreamOpen() throws IOException {
        Queue<String> requests = new ConcurrentLinkedQueue<>();
        try (FakeHub hub = new FakeHub(withoutHistory(exchange -> {
            requests.add(exchange.getRequestMethod());
            if (exchange.getRequestMethod().equals("PUT")) {
                answer(exchange, 403, "text/plain", "forbidden");
            } else {
                begin(exchange, "15");
                write(exchange, "id: 1-0\n: fake\n\n");
            }
        }))) {
            browser.open(hub.origin() + "/empty");
            browser.run("""
                    const end = Math.floor(Date.now() / 1000) + 7;
                    let calls = 0;
                    window.token = () => `e.${btoa(JSON.stringify({ sub: `user-${calls++}`, exp: end }))}.s`;""");
            browser.await(SUBSCRIBE);
            await().atMost(PATIENCE).until(() -> Collections.frequency(requests, "PUT") == 2);
            assertThat(requests).containsOnlyOnce("GET");
        }
    }

    /** A page of another origin sees the mark too. */
    @Test
    void theHubsRefusalIsFinalForAPageOfAnotherOrigin() throws IOException {
        try (FakeHub pages = new FakeHub(HttpExchange::close);
                Application hub = Application.start(
                        () -> HubConfig.load(null, Map.of(), Map.of("server.host", "localhost", "server.port", "0",
                                "sse-hub.cors.allowed-origins", pages.origin())),
                        Optional.empty(), Clock.system(ZoneId.systemDefault()))) {
            browser.open(pages.origin() + "/empty");
            assertThat(browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    const refused = connect(arguments[0]).subscribe('x'.repeat(2000), () => {}, { onerror() {} });
                    return refused.ready.catch((error) => `${error.status} ${error.isFinal}`)""",
                    "http://localhost:" + hub.port() + "/sse")).isEqualTo("400 true");
        }
    }
}
