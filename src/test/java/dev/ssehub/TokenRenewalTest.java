package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** sse-hub.js with tokens that expire. A stream outlives its tokens; where it cannot, no event is lost. */
class TokenRenewalTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMinutes(10);
    private static final Duration LONG = Duration.ofHours(1);
    /** The module asks for a fresh token 63 to 90 seconds before a short one expires. */
    private static final Duration NEARLY_SHORT = Duration.ofMinutes(9);
    /** The hub checks for expired streams every second; so does the module for tokens that need renewal. */
    private static final Duration ONE_CHECK_OR_MORE = Duration.ofMillis(1_500);

    private static String firstTab;

    /** The time by which the clocks of the hub and of the pages are ahead. */
    private final AtomicReference<Duration> clockOffset = new AtomicReference<>(Duration.ZERO);
    private final InstantSource time = () -> Instant.now().plus(clockOffset.get());
    private final List<String> tabs = new ArrayList<>();
    private FakeHub pages;
    private Application application;
    private TokenIssuer issuer;

    @BeforeAll
    static void rememberFirstTab() {
        firstTab = browser.tab();
    }

    @BeforeEach
    void servePages() throws IOException {
        pages = new FakeHub(HttpExchange::close);
    }

    @AfterEach
    void stop() {
        tabs.forEach(browser::closeTab);
        browser.switchTo(firstTab);
        browser.console();
        browser.requests();
        application.close();
        pages.close();
    }

    /** The pages have another origin, so the browser allows only the methods that the hub lists. */
    @Test
    void aStreamOutlivesItsTokensWhicheverTabLeads() throws IOException {
        startHub(false);
        String leader = open(pages.origin() + "/empty", token("ada", SHORT, "chat"));
        String other = open(pages.origin() + "/empty", token("ada", LONG, "chat"));
        setTokens(leader, token("ada", SHORT.multipliedBy(2), "chat"), token("ada", LONG, "chat"));
        publish(0, 5);
        advanceClocks(NEARLY_SHORT);
        awaitRenewals(leader, 1);
        advanceClocks(SHORT); // the first token has expired, and the second expires soon
        awaitRenewals(leader, 2);
        advanceClocks(SHORT);
        awaitNoExpiry();
        publish(5, 10);

        for (String tab : List.of(leader, other)) {
            await().atMost(PATIENCE).until(() -> received(tab).equals(numbers(0, 10)));
            assertThat(runIn(tab, "return names.includes('waiting')")).isEqualTo(false);
        }
        assertThat(runIn(leader, "return asked")).as("tokens requested since the stream opened").isEqualTo(2L);
        assertThat(application.hub().subscribers()).isEqualTo(1);
        assertThat(streamsEnded("expired", "client-gone", "too-slow")).isZero();

        setTokens(other, token("ada", SHORT, "chat"));
        browser.closeTab(leader);
        tabs.remove(leader);
        await().atMost(PATIENCE).until(() -> runIn(other, "return hub.state.leads && hub.state.name === 'live'").equals(true));
        setTokens(other, token("ada", LONG, "chat"));
        advanceClocks(NEARLY_SHORT);
        awaitRenewals(other, 1);
        advanceClocks(SHORT);
        awaitNoExpiry();
        publish(10, 15);
        await().atMost(PATIENCE).until(() -> received(other).equals(numbers(0, 15)));
        assertThat(streamsEnded("expired")).isZero();
    }

    /** The test sets the page's clock. */
    @Test
    void thePageIsAskedForATokenShortlyBeforeExpiryAndAgainUntilItHasAFreshOne() throws IOException {
        startHub(false);
        String old = token("ada", LONG, "chat");
        String tab = open(hubPage(), old);
        setTokens(tab, old, token("ada", LONG.plusHours(1), "chat"));
        browser.requests();
        browser.run("const now = Date.now; window.minutes = 50; Date.now = () => now() + 60_000 * minutes;");
        await().during(ONE_CHECK_OR_MORE).atMost(PATIENCE).until(() -> runIn(tab, "return asked").equals(0L));
        browser.run("minutes = 54");
        await().atMost(PATIENCE).until(() -> runIn(tab, "return asked").equals(1L));
        assertThat(browser.requests()).isEmpty();
        browser.run("minutes = 59");
        await().atMost(PATIENCE).until(() -> runIn(tab, "return asked").equals(2L));
        List<String> requests = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> requests.addAll(browser.requests()));
        browser.run("minutes = 70");
        await().during(ONE_CHECK_OR_MORE).atMost(PATIENCE).until(() -> runIn(tab, "return asked").equals(2L));
        assertThat(requests).hasSize(1).allMatch(url -> url.matches(".*/sse\\?streamName=[0-9a-f]{32}"));
        assertThat(streamsEnded("expired", "client-gone")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"throws", "never answers", "has the old one", "has an expired one", "has one for less", "has no JWT"})
    void aFailedRenewalReopensTheStreamWithoutLosingAnEvent(String page) throws IOException {
        startHub(false);
        String tab = open(hubPage(), token("ada", SHORT, "chat"));
        switch (page) {
            case "throws" -> browser.run("window.token = () => { asked++; throw new Error('signed out') }");
            case "never answers" ->
                browser.run("window.token = () => (asked++, new Promise((_, reject) => (window.refuse = reject)))");
            case "has an expired one" -> setTokens(tab, token("ada", Duration.ofSeconds(-9), "chat"));
            case "has one for less" -> setTokens(tab, token("ada", LONG, "orders"));
            case "has no JWT" -> setTokens(tab, "x");
            default -> {
                // the page still has the old token
            }
        }
        publish(0, 5);
        advanceClocks(NEARLY_SHORT);
        await().atMost(PATIENCE).until(() -> !runIn(tab, "return asked").equals(0L));
        advanceClocks(SHORT);
        await().atMost(PATIENCE).until(() -> runIn(tab, "return names").toString().contains("waiting"));
        assertThat(streamsEnded("expired")).isEqualTo(1);
        publish(5, 10);
        String fresh = token("ada", LONG, "chat");
        browser.run("const [fresh] = arguments; window.token = () => fresh; window.refuse?.(new Error('late'))", fresh);
        await().atMost(PATIENCE).until(() -> received(tab).equals(numbers(0, 10)));
    }

    @Test
    void aFreshTokenThatGrantsLessNarrowsTheOpenStream() throws IOException {
        startHub(true);
        String tab = open(hubPage(), token("ada", SHORT, "chat"));
        setTokens(tab, token("ada", LONG, "orders"));
        publishPrivately("before");
        await().atMost(PATIENCE).until(() -> received(tab).equals(List.of("before")));
        advanceClocks(NEARLY_SHORT);
        await().atMost(PATIENCE).until(() -> {
            browser.run("got.length = 0");
            publishPrivately("private");
            publish(0, 1);
            await().atMost(PATIENCE).until(() -> received(tab).contains("0"));
            return received(tab).equals(List.of("0"));
        });
        assertThat(streamsEnded("expired", "client-gone")).isZero();
    }

    @Test
    void aTokenOfAnotherSubjectOpensANewStream() throws IOException {
        startHub(true);
        String tab = open(hubPage(), token("ada", SHORT, "orders"));
        setTokens(tab, token("bob", LONG, "chat"));
        advanceClocks(NEARLY_SHORT);
        await().atMost(PATIENCE).until(() -> {
            publishPrivately("for bob");
            return received(tab).contains("for bob");
        });
        assertThat(streamsEnded("client-gone")).isEqualTo(1);
        assertThat(streamsEnded("expired")).isZero();
    }

    @Test
    void aPageWithoutSubscriptionsIsNotAskedForATokenAgain() throws IOException {
        startHub(false);
        String tab = open(hubPage(), token("ada", SHORT, "chat"));
        browser.run("subscription.close()");
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 0);
        Object asked = runIn(tab, "return asked");
        advanceClocks(NEARLY_SHORT);
        await().during(ONE_CHECK_OR_MORE).atMost(PATIENCE).until(() -> runIn(tab, "return asked").equals(asked));
        assertThat(runIn(tab, "return names.at(-1)")).isEqualTo("idle");
    }

    /** If open, anonymous clients may subscribe to public updates; otherwise every subscriber needs a token. */
    private void startHub(boolean open) {
        HubConfig config = HubConfig.load(null, Map.of(), Map.of("server.host", "localhost", "server.port", "0",
                "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false", "sse-hub.cors.allowed-origins",
                pages.origin(), "sse-hub.auth.key", "a secret that is long enough, just", "sse-hub.auth.clock-skew", "PT0S",
                "sse-hub.subscribe.anonymous", "" + open));
        application = Application.start(() -> config, Optional.empty(), time.withZone(ZoneOffset.UTC));
        issuer = new TokenIssuer(config.tokens().orElseThrow(), time);
    }

    private String token(String subject, Duration validity, String topic) {
        return issuer.issue(new Grant(List.of(), List.of(TopicSelector.parse(topic)), List.of()), validity, Optional.of(subject));
    }

    private String hub() {
        return "http://localhost:" + application.port();
    }

    /** Returns the URL of a page of the hub's own origin. */
    private String hubPage() {
        return hub() + "/static/sse-hub.js";
    }

    private String open(String url, String token) {
        String tab = browser.openTab(url);
        tabs.add(tab);
        setTokens(tab, token);
        browser.await("""
                const [origin, already] = arguments;
                const { now, parse } = Date;
                window.passed = already;
                Date.now = () => now() + passed;
                Date.parse = (text) => parse(text) + passed; // the Date header carries the hub's clock
                const { connect } = await import(`${origin}/static/sse-hub.js`);
                window.token = () => (asked++, tokens.length > 1 ? tokens.shift() : tokens[0]);
                window.got = [];
                window.names = [];
                window.hub = connect(`${origin}/sse`, { token: () => window.token() });
                hub.addEventListener('state', () => names.push(hub.state.name));
                window.subscription = hub.subscribe('chat', (event) => got.push(event.data));
                await subscription.ready;""", hub(), clockOffset.get().toMillis());
        return tab;
    }

    /** Advances the clocks of the hub and of all pages. */
    private void advanceClocks(Duration duration) {
        clockOffset.updateAndGet(before -> before.plus(duration));
        for (String tab : tabs) {
            browser.switchTo(tab);
            browser.run("passed += arguments[0]", duration.toMillis());
        }
    }

    /** Waits until the hub has answered this many renewals of a page. */
    private static void awaitRenewals(String tab, long count) {
        await().atMost(PATIENCE).until(() -> runIn(tab, """
                return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/sse?streamName=')).length""")
                .equals(count));
    }

    private void awaitNoExpiry() {
        await().during(ONE_CHECK_OR_MORE).atMost(PATIENCE).until(() -> streamsEnded("expired") == 0);
    }

    /** Sets the tokens that the page returns, one per request. The last one is repeated. */
    private void setTokens(String tab, String... tokens) {
        browser.switchTo(tab);
        browser.run("window.asked = 0; window.tokens = arguments[0]", List.of(tokens));
    }

    private void publish(int from, int to) {
        IntStream.range(from, to).forEach(i -> application.hub().publish(new Update("chat", "" + i)));
    }

    private void publishPrivately(String data) {
        application.hub().publish(new Update(List.of("chat"), data, null, null, null, true));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static Object runIn(String tab, String script) {
        browser.switchTo(tab);
        return browser.run(script);
    }

    private static List<?> received(String tab) {
        return (List<?>) runIn(tab, "return got");
    }

    /** Returns how many streams ended for these reasons, according to the hub's metrics. */
    private int streamsEnded(String... reasons) throws IOException {
        String metrics;
        try (InputStream body = URI.create(hub() + "/observe/metrics").toURL().openStream()) {
            metrics = new String(body.readAllBytes(), UTF_8);
        }
        return Stream.of(reasons).mapToInt(reason -> metrics.lines()
                .filter(line -> line.startsWith("sse_hub_streams_ended_total{reason=\"" + reason + "\"}"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' ')))).findFirst().orElseThrow()).sum();
    }
}
