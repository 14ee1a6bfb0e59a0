package dev.ssehub;

import module java.base;
import static dev.ssehub.FakeHub.answer;
import static dev.ssehub.FakeHub.begin;
import static dev.ssehub.FakeHub.withoutHistory;
import static dev.ssehub.FakeHub.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** sse-hub.js when a connection freezes: the laptop slept, or the phone has changed networks, and no FIN or RST arrives. */
class FrozenStreamTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration WANTED = Duration.ofSeconds(5);
    private static final String BECOMES_VISIBLE = "document.dispatchEvent(new Event('visibilitychange'))";

    private static String firstTab;

    private final List<String> tabs = new ArrayList<>();
    /** The streams that the hub has begun, except for those that only fetch the history. */
    private final List<HttpExchange> streams = new CopyOnWriteArrayList<>();
    private final Queue<Long> attempts = new ConcurrentLinkedQueue<>();
    private volatile HttpHandler hub = this::beginStream;
    private FakeHub server;

    @BeforeAll
    static void rememberFirstTab() {
        firstTab = browser.tab();
    }

    @BeforeEach
    void start() throws IOException {
        server = new FakeHub(withoutHistory(exchange -> {
            attempts.add(System.nanoTime());
            hub.handle(exchange);
        }));
    }

    @AfterEach
    void stop() {
        tabs.forEach(browser::closeTab);
        browser.switchTo(firstTab);
        browser.console();
        browser.requests();
        server.close();
    }

    /** The stream stays open, and is silent from then on. */
    private void beginStream(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        String id = query.contains("lastEventID=") ? query.replaceFirst(".*lastEventID=([^&]*).*", "$1") : "1-0";
        begin(exchange, "15");
        write(exchange, "retry: 2000\nid: " + id + "\n: fake\n\n");
        streams.add(exchange);
    }

    private void publish(int stream, int event) throws IOException {
        write(streams.get(stream), "id: 1-" + event + "\nselector: a\ndata: " + event + "\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.reconnect()", "dispatchEvent(new Event('online'))", BECOMES_VISIBLE,
            "document.dispatchEvent(new Event('resume'))",
            "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
            "sleep(60_000)"})
    void aFrozenStreamIsReplaced(String trigger) throws Exception {
        open();
        publish(0, 1);
        awaitReceived("1");
        passSilence();
        browser.run("names.length = 0");
        browser.run(trigger);
        await().atMost(WANTED).until(() -> streams.size() == 2);
        assertThat(streams.get(1).getRequestURI().getQuery()).contains("lastEventID=1-1");
        publish(1, 1); // the hub never repeats an event, but a listener must not receive one twice
        publish(1, 2);
        awaitReceived("1", "2");
        await().atMost(PATIENCE).until(() -> isClosed(streams.get(0)));
        assertThat(browser.run("return names.filter(name => name !== 'live')")).as("states").isEqualTo(List.of());
    }

    /** The user switches between tabs all the time. */
    @Test
    void aLivingStreamIsTestedSeldom() throws Exception {
        open();
        for (int i = 1; i <= 10; i++) {
            publish(streams.size() - 1, i);
            browser.run(BECOMES_VISIBLE);
            browser.run("hub.reconnect()");
        }
        assertThat(streams).as("something has just arrived").hasSize(1);
        browser.await("""
                for (let i = 0; i < 50; i++) {
                  document.dispatchEvent(new Event('visibilitychange'));
                  dispatchEvent(new Event('online'));
                  hub.reconnect();
                  await new Promise((resolve) => setTimeout(resolve, 100));
                }""");
        assertThat(streams.size()).isBetween(2, 3);
        publish(streams.size() - 1, 11);
        await().atMost(PATIENCE).until(() -> received().contains("11"));
    }

    /** While the hub is overloaded, a stream that may be alive is not given up. */
    @ParameterizedTest
    @ValueSource(strings = {"overload", "404"})
    void aTestThatIsRefusedLeavesTheStreamOpen(String answer) throws Exception {
        open();
        hub = exchange -> {
            if (answer.equals("overload")) {
                begin(exchange, "15");
                write(exchange, "event: overload\nretry: 3000\ndata: {\"message\":\"too many\",\"retry\":3000}\n\n");
                exchange.close();
            } else {
                answer(exchange, Integer.parseInt(answer), "text/plain", "later");
            }
        };
        passSilence();
        browser.run("names.length = 0; hub.reconnect()");
        await().atMost(WANTED).until(() -> attempts.size() == 2);
        // longer than an unanswered test takes
        await().during(Duration.ofMillis(3_300)).atMost(PATIENCE)
                .until(() -> browser.run("return hub.state.name").equals("live"));
        publish(0, 1);
        awaitReceived("1");
        assertThat(attempts).hasSize(2);
        assertThat(browser.run("return names")).isEqualTo(List.of());
    }

    /** The network is not back yet: the page says so, and the stream resumes as soon as it is. */
    @Test
    void aStreamWhoseTestGetsNoAnswerIsGivenUp() throws Exception {
        open();
        publish(0, 1);
        awaitReceived("1");
        passSilence();
        Queue<HttpExchange> unanswered = new ConcurrentLinkedQueue<>();
        hub = unanswered::add;
        browser.run("names.length = 0; hub.reconnect()");
        await().atMost(WANTED).until(() -> browser.run("return names").equals(List.of("connecting")));
        assertThat(browser.run("return hub.state.reason")).asString().matches("nothing was received for \\d+ s");
        assertThat(unanswered).hasSize(1);
        beginStream(unanswered.remove());
        publish(1, 2);
        awaitReceived("1", "2");
        assertThat(browser.run("return hub.state.name")).isEqualTo("live");
    }

    /** Without a network, requests fail at once. */
    @Test
    void aStreamWhoseTestFailsIsGivenUp() throws Exception {
        open();
        hub = HttpExchange::close;
        passSilence();
        browser.run("hub.reconnect()");
        await().atMost(WANTED).until(() -> browser.run("return hub.state.name").equals("waiting"));
        hub = this::beginStream;
        browser.run("dispatchEvent(new Event('online'))");
        await().atMost(Duration.ofMillis(900)).until(() -> streams.size() == 2);
    }

    /** Events that arrive during the test show that the stream is alive. */
    @Test
    void aStreamThatSpeaksDuringTheTestIsKept() throws Exception {
        open();
        CountDownLatch answered = new CountDownLatch(1);
        hub = exchange -> {
            awaitUninterruptibly(answered);
            beginStream(exchange);
        };
        passSilence();
        browser.run("hub.reconnect()");
        await().atMost(WANTED).until(() -> attempts.size() == 2);
        publish(0, 1);
        awaitReceived("1");
        answered.countDown();
        publish(0, 2);
        awaitReceived("1", "2");
        assertThat(attempts).hasSize(2);
    }

    /** One tab reads the stream for all. */
    @ParameterizedTest
    @ValueSource(strings = {"hub.reconnect()", BECOMES_VISIBLE})
    void anotherTabHasTheLeaderTestTheStream(String trigger) throws Exception {
        String leader = open();
        String other = open();
        publish(0, 1);
        browser.switchTo(leader);
        awaitReceived("1");
        passSilence();
        browser.switchTo(other);
        browser.run(trigger);
        await().atMost(WANTED).until(() -> streams.size() == 2);
        publish(1, 2);
        awaitReceived("1", "2");
        browser.switchTo(leader);
        awaitReceived("1", "2");
        assertThat(browser.run("return hub.state.leads")).isEqualTo(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub.reconnect()", BECOMES_VISIBLE})
    void aFrozenLeaderIsReplaced(String trigger) throws Exception {
        String leader = open();
        String other = open();
        String third = open();
        publish(0, 1);
        awaitReceived("1");
        browser.switchTo(leader);
        passSilence();
        browser.freeze(true);
        browser.switchTo(other);
        browser.run(trigger);
        await().atMost(WANTED).until(() -> streams.size() == 2);
        for (String tab : List.of(other, third)) {
            browser.switchTo(tab);
            browser.run("names.length = 0");
        }
        publish(1, 2);
        awaitReceived("1", "2");
        browser.switchTo(other);
        awaitReceived("1", "2");
        for (String tab : List.of(other, third)) {
            browser.switchTo(tab);
            assertThat(browser.run("return names.filter((name) => name !== 'live')")).isEqualTo(List.of());
        }
        browser.switchTo(leader);
        browser.freeze(false);
        await().atMost(PATIENCE).until(() -> isClosed(streams.getFirst()));
        await().atMost(PATIENCE).until(() -> streams.stream().filter(stream -> !isClosed(stream)).count() == 1);
        for (int i = 1; i < streams.size(); i++) {
            if (!isClosed(streams.get(i))) {
                publish(i, 3);
            }
        }
        for (String tab : List.of(leader, other, third)) {
            browser.switchTo(tab);
            await().atMost(PATIENCE).until(() -> received().getLast().equals("3"));
            assertThat(received()).doesNotHaveDuplicates();
        }
    }

    /** For the first minute, the client tries again every one to two seconds. */
    @Test
    void afterAShortOutageTheStreamIsBackWithinTwoSeconds() throws Exception {
        open();
        hub = exchange -> answer(exchange, 502, "text/plain", "Bad Gateway");
        streams.getFirst().close();
        attempts.clear();
        await().atMost(PATIENCE).until(() -> attempts.size() == 4);
        List<Long> times = List.copyOf(attempts);
        for (int i = 1; i < times.size(); i++) {
            assertThat(Duration.ofNanos(times.get(i) - times.get(i - 1))).isBetween(Duration.ofMillis(900),
                    Duration.ofMillis(2_300));
        }
        hub = this::beginStream;
        await().atMost(Duration.ofMillis(2_500)).until(() -> streams.size() == 2);
    }

    /** Ten thousand clients must not come back at the same moment, nor every two seconds for hours. */
    @Test
    void theDelaysAreRandomAndGrowAfterAMinute() {
        browser.open(server.origin() + "/empty");
        Object delays = browser.await("""
                let now = 5_000;
                performance.now = () => now;
                const { BackOff } = await import('/static/sse-hub/backoff.js');
                const failure = { retryAfter: null };
                const outage = new BackOff();
                const early = [];
                while (now < 65_000) {
                  const delay = outage.next(2_000, failure);
                  early.push(delay);
                  now += delay;
                }
                const late = Array.from({ length: 8 }, () => outage.next(2_000, failure));
                const asked = outage.next(2_000, { retryAfter: 120_000 });
                outage.reset();
                return { early, late, asked, again: outage.next(2_000, failure),
                  slow: new BackOff().next(10_000, failure), overload: new BackOff().next(2_000, { retryAfter: 10_000 }) };""");
        Map<?, ?> found = (Map<?, ?>) delays;
        List<Long> early = ((List<?>) found.get("early")).stream().map(delay -> ((Number) delay).longValue()).toList();
        List<Long> late = ((List<?>) found.get("late")).stream().map(delay -> ((Number) delay).longValue()).toList();
        assertThat(early).allMatch(delay -> delay >= 1_000 && delay <= 2_000).hasSizeGreaterThan(29);
        assertThat(Set.copyOf(early).size()).as("different delays").isGreaterThan(20);
        assertThat(late.get(1)).isBetween(2_000L, 8_000L);
        assertThat(late.getLast()).isBetween(15_000L, 30_000L);
        assertThat((Long) found.get("asked")).isBetween(120_000L, 150_000L);
        assertThat((Long) found.get("again")).isBetween(1_000L, 2_000L);
        assertThat((Long) found.get("slow")).isBetween(5_000L, 10_000L);
        assertThat((Long) found.get("overload")).isBetween(10_000L, 12_500L);
    }

    private String open() {
        String tab = browser.openTab(server.origin() + "/empty");
        tabs.add(tab);
        browser.await("""
                const RealDate = Date;
                let slept = 0;
                window.sleep = (ms) => (slept += ms); // performance.now() stands still meanwhile
                window.Date = class extends RealDate {
                  constructor(...all) {
                    super(...(all.length === 0 ? [RealDate.now() + slept] : all));
                  }
                };
                const { connect } = await import('/static/sse-hub.js');
                window.hub = connect('/sse');
                window.got = [];
                window.names = [];
                hub.addEventListener('state', () => names.push(hub.state.name));
                await hub.subscribe('a', event => got.push(event.data)).ready;""");
        await().atMost(PATIENCE).until(() -> streams.size() == 1);
        return tab;
    }

    private static List<?> received() {
        return (List<?>) browser.run("return got");
    }

    private static void awaitReceived(String... data) {
        await().atMost(PATIENCE).until(() -> received().equals(List.of(data)));
    }

    /** Lets so much time pass in this tab that the last event no longer proves that the stream is alive. */
    private static void passSilence() {
        browser.run("sleep(2_100)");
    }

    /** Returns whether the client has closed the connection: a write then fails, possibly only the second one. */
    private static boolean isClosed(HttpExchange exchange) {
        try {
            write(exchange, ": still there\n");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            var _ = latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
