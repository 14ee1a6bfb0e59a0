package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of another origin. The browser enforces CORS, so the tests need a real one. */
class OtherOriginTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Publishes to the hub at {@code arguments[0]}. Returns the status, or the name of the error: a browser hides the reason. */
    private static final String PUBLISH = """
            return fetch(arguments[0] + '/sse', { method: 'POST', credentials: arguments[1],
                body: new URLSearchParams({ topic: 'chat', data: 'from a page' }) })
                .then(response => response.status, error => error.name);
            """;

    private HttpServer pages;
    private Application application;

    @BeforeEach
    void servePages() throws IOException {
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        pages.start();
    }

    @AfterEach
    void stop() {
        browser.open("about:blank");
        browser.console();
        browser.requests();
        application.close();
        pages.stop(0);
    }

    @Test
    void anAllowedOriginReadsAndPublishesWithCredentialsAndSeesErrors() {
        openWithAllowedOrigins(origin());
        subscribe(true);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("open")));
        assertThat(browser.await(PUBLISH, hub(), "include")).isEqualTo(200L);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("open", "from a page")));

        assertThat(browser.await("""
                const response = await fetch(arguments[0] + '/sse', { method: 'POST', body: new URLSearchParams({ data: 'x' }) });
                return `${response.status} ${await response.text()}`;
                """, hub())).asString().startsWith("400 ").contains("topic");
        assertThat(browser.await("""
                const response = await fetch(arguments[0] + '/sse?topic=chat',
                    { method: 'HEAD', headers: { 'Last-Event-ID': 'x', 'Cache-Control': 'no-cache' }, credentials: 'include' });
                return response.headers.get('Heartbeat-Interval');
                """, hub())).isEqualTo("15");
        // whether the hub accepts the token does not matter here: the page may send it and read the answer
        assertThat(browser.await("""
                const response = await fetch(arguments[0] + '/sse?topic=chat',
                    { method: 'HEAD', headers: { 'Authorization': 'Bearer x' }, credentials: 'include' });
                return response.status;
                """, hub())).isIn(200L, 401L);
        assertThat(browser.await(
                """
                        const { connect } = await import(arguments[0] + '/static/sse-hub.js');
                        const hub = connect(arguments[0] + '/sse');
                        const found = new Promise((resolve) => hub.subscribe('chat', (event) => resolve(event.data), { since: 'earliest' }));
                        await hub.publish({ topic: 'chat', data: 'by its module' });
                        return found.finally(() => hub.close());
                        """,
                hub())).isEqualTo("from a page");
    }

    @Test
    void anOriginThatIsNotAllowedNeitherReadsNorPublishes() {
        openWithAllowedOrigins("https://friend.example");
        subscribe(true);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("closed")));
        long published = application.hub().published();

        assertThat(browser.await(PUBLISH, hub(), "omit")).isEqualTo("TypeError");
        assertThat(
                browser.await("return fetch(arguments[0] + '/static/page.json').then(() => 'read', error => error.name)", hub()))
                .isEqualTo("TypeError");
        assertThat(application.hub().published()).isEqualTo(published);
    }

    /** A browser does not reveal whether the hub is unreachable or CORS forbids the request. */
    @Test
    void theModulesErrorNamesTheKeyOfTheAllowedOrigins() throws IOException {
        openWithAllowedOrigins("https://friend.example");
        try (FakeHub copies = new FakeHub(exchange -> {})) {
            browser.open(copies.origin() + "/empty");
            assertThat(browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    return connect(arguments[0] + '/sse').publish({ topic: 'chat' }).catch((error) => error.message);
                    """, hub())).isEqualTo("127.0.0.1:" + application.port() + " cannot be reached, or does not let pages of "
                    + copies.origin() + " use it (sse-hub.cors.allowed-origins)");
        }
    }

    /** The topics are in the first line of the request, which hubs and proxies limit. A proxy's answer has no CORS headers. */
    @ParameterizedTest
    @ValueSource(strings = {"hub", "proxy", "proxy that closes"})
    void tooManyTopicsForOneRequestAreRefusedWithTheReason(String server) throws IOException {
        openWithAllowedOrigins(origin());
        try (FakeHub proxy = new FakeHub(exchange -> {
            boolean tooLong = exchange.getRequestURI().toString().length() > 8_000;
            if (!tooLong) {
                exchange.getResponseHeaders().set("Access-Control-Allow-Origin", origin());
                exchange.getResponseHeaders().set("Access-Control-Expose-Headers", "Sse-Hub");
                FakeHub.mark(exchange);
            }
            if (tooLong && server.endsWith("closes")) {
                exchange.close();
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            } else if (tooLong) {
                FakeHub.answer(exchange, 414, "text/html", "<h1>URI Too Long</h1>");
            } else {
                FakeHub.begin(exchange, "15");
                FakeHub.write(exchange, "id: 1-0\n: fake\n\nid: 1-1\nselector: a\ndata: 1\n\n");
                if (exchange.getRequestURI().getQuery().contains("live=false")) {
                    FakeHub.write(exchange, ": end\n\n");
                    exchange.close();
                }
            }
        })) {
            for (String page : List.of(origin(), server.equals("hub") ? hub() : proxy.origin())) {
                browser.open(page + (page.equals(origin()) ? "/" : server.equals("hub") ? "/static/sse-hub.js" : "/empty"));
                assertThat(browser.await(
                        """
                                const [hubUrl, moduleUrl] = arguments;
                                const { connect } = await import(moduleUrl);
                                const hub = connect(hubUrl);
                                const topics = Array.from({ length: 450 }, (_, i) => `https://books.example/with/a/long/name/number-${i}`);
                                let errors = 0;
                                const refused = hub.subscribe(topics, () => {}, { onerror: () => errors++ })
                                    .ready.catch((error) => `${error.name} ${error.status} ${error.isFinal} ${error.message}`);
                                await hub.subscribe('a', () => {}).ready;
                                const result = await refused;
                                hub.close();
                                return `${errors} ${result}`;""",
                        server.equals("hub") ? hub() + "/sse" : proxy.origin() + "/sse",
                        (page.equals(origin()) ? hub() : page) + "/static/sse-hub.js")).asString()
                        .matches("1 HubError 4(14|31) true .*these topics take \\d+ bytes of the request.*");
            }
        }
    }

    /** As many topics as a subscription may have, with names of a usual length. */
    @Test
    void manyTopicsWorkFromAnotherOrigin() {
        openWithAllowedOrigins(origin());
        application.hub().publish(new Update("/shop/orders/449/lines/@x", "x"));
        assertThat(browser.await(
                """
                        const { connect } = await import(arguments[0] + '/static/sse-hub.js');
                        const hub = connect(arguments[0] + '/sse');
                        const topics = Array.from({ length: 450 }, (_, i) => `/shop/orders/${i}/lines/@x`);
                        const got = new Promise((resolve) => hub.subscribe(topics, (event) => resolve(event.topics[0]), { since: 'earliest' }));
                        return got.finally(() => hub.close());""",
                hub())).isEqualTo("/shop/orders/449/lines/@x");
    }

    @Test
    void noOriginIsAllowedByDefault() {
        openWithAllowedOrigins("");
        subscribe(false);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("closed")));
        assertThat(browser.await(PUBLISH, hub(), "omit")).isEqualTo("TypeError");
    }

    @Test
    void aStarAllowsEveryOriginWithoutCookies() {
        openWithAllowedOrigins("*");
        subscribe(false);
        await().atMost(PATIENCE)
                .until(() -> received().equals(List.of("open")));
        assertThat(browser.await(PUBLISH, hub(), "omit")).isEqualTo(200L);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("open", "from a page")));

        subscribe(true);
        await().atMost(PATIENCE).until(() -> received().equals(List.of("closed")));
        application.hub().publish(new Update("chat", "not with cookies"));
        assertThat(browser.await(PUBLISH, hub(), "include")).isEqualTo("TypeError");
        assertThat(browser.await("""
                const { connect } = await import(arguments[0] + '/static/sse-hub.js');
                return typeof await connect(arguments[0] + '/sse').publish({ topic: 'chat', data: 'x' });
                """, hub())).as("the module sends no cookies by default").isEqualTo("string");
    }

    @Test
    void theHubsOwnPageIsAlwaysAllowed() {
        openWithAllowedOrigins("https://friend.example");
        browser.open(hub() + "/");
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        assertThat(browser.await(PUBLISH, hub(), "same-origin")).isEqualTo(200L);
    }

    private void openWithAllowedOrigins(String allowedOrigins) {
        application = Application.start(() -> HubConfig.load(null, Map.of(),
                Map.of("server.host", "127.0.0.1", "server.port", "0",
                        "sse-hub.feeds.system.enabled", "false", "sse-hub.feeds.time.enabled", "false",
                        "sse-hub.cors.allowed-origins", allowedOrigins)),
                Optional.empty(), Clock.system(ZoneId.systemDefault()));
        browser.open(origin() + "/");
    }

    private void subscribe(boolean withCredentials) {
        browser.run("""
                window.got = [];
                window.source?.close();
                window.source = new EventSource(arguments[0] + '/sse?topic=chat', { withCredentials: arguments[1] });
                source.onopen = () => got.push('open');
                source.onmessage = (event) => got.push(event.data);
                source.onerror = () => got.push(source.readyState === EventSource.CLOSED ? 'closed' : 'lost');
                """, hub(), withCredentials);
    }

    private static List<?> received() {
        return (List<?>) browser.run("return got");
    }

    private String origin() {
        return "http://localhost:" + pages.getAddress().getPort();
    }

    private String hub() {
        return "http://127.0.0.1:" + application.port();
    }
}
