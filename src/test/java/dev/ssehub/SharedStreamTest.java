package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** sse-hub.js in the tabs of a real browser. All tabs share one stream and none of them loses an event. */
class SharedStreamTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** The hub has no feeds, and its history keeps every event of a test. */
    private static final Map<String, String> QUIET = Map.of("sse-hub.history.max-events", "1000000", "sse-hub.history.max-bytes",
            "1000000000", "sse-hub.feeds.time.enabled", "false",
            "sse-hub.feeds.system.enabled", "false");

    private static String firstTab;

    private final List<String> tabs = new ArrayList<>();
    private Application application;

    @BeforeAll
    static void rememberFirstTab() {
        firstTab = browser.tab();
    }

    @BeforeEach
    void startHub() {
        application = start(Map.of());
    }

    @AfterEach
    void stopHub() {
        tabs.forEach(browser::closeTab);
        browser.switchTo(firstTab);
        browser.console();
        browser.requests();
        application.close();
    }

    /** Over HTTP/1.1, a browser allows only six connections to a host, so a seventh stream would not open. */
    @Test
    void tenTabsShareOneStreamAndAreAllLive() {
        for (int i = 0; i < 10; i++) {
            open("chat");
        }
        assertThat(application.hub().subscribers()).isEqualTo(1);
        publish("chat", 0, 100);

        for (String tab : tabs) {
            assertThat(awaitReceived(tab, 100)).isEqualTo(numbers(0, 100));
            assertThat(state("tabs")).isEqualTo(10L);
        }
        assertThat(tabs.stream().filter(tab -> runIn(tab, "return hub.state.leads").equals(true))).hasSize(1);
        assertThat(application.hub().subscribers()).isEqualTo(1);
    }

    /** The tab that reads the stream is closed several times while events arrive. */
    @Test
    void closingTheLeaderLosesNoEventInTheOtherTabs() throws Exception {
        for (int i = 0; i < 6; i++) {
            open("chat");
        }
        AtomicInteger published = new AtomicInteger();
        AtomicBoolean stopped = new AtomicBoolean();
        Thread publisher = Thread.ofVirtual().start(() -> {
            while (!stopped.get()) {
                publish("chat", published.get(), published.get() + 1);
                published.incrementAndGet();
                LockSupport.parkNanos(4_000_000);
            }
        });
        for (int i = 0; i < 4; i++) {
            String leader = leader();
            int before = published.get();
            await().atMost(PATIENCE).until(() -> received(leader).size() > before);
            tabs.remove(leader);
            browser.closeTab(leader);
            String other = tabs.getFirst();
            await().atMost(PATIENCE)
                    .until(() -> received(other).contains("" + (published.get() - 1)) || received(other).size() > before + 100);
        }
        stopped.set(true);
        publisher.join();

        assertThat(published.get()).isGreaterThan(100);
        for (String tab : tabs) {
            assertThat(awaitReceived(tab, published.get())).isEqualTo(numbers(0, published.get()));
            assertThat(runIn(tab, "return gaps")).isEqualTo(List.of());
        }
        await().atMost(PATIENCE).until(() -> runIn(tabs.getFirst(), "return hub.state.tabs").equals(2L));
        assertThat(application.hub().subscribers()).isEqualTo(1);
    }

    /**
     * In generated schedules, connections open, close, lead and lose the lead at any time, with any topics. Two connections in
     * one page share a stream as two tabs do. Each subscription must receive every event of its topics from its start, once and
     * in order.
     */
    @Test
    void randomSchedulesLoseNoEvent() throws Exception {
        String tab = open("nothing");
        AtomicInteger published = new AtomicInteger();
        AtomicBoolean stopped = new AtomicBoolean();
        Thread publisher = Thread.ofVirtual().start(() -> {
            while (!stopped.get()) {
                for (int topic = 0; topic < 4; topic++) {
                    application.hub().publish(new Update("/t/" + topic, topic + " " + published.get()));
                }
                published.incrementAndGet();
                LockSupport.parkNanos(10_000_000);
            }
        });
        for (int seed = 1; seed <= 4; seed++) {
            browser.await(SCHEDULE, seed);
        }
        stopped.set(true);
        publisher.join();
        int last = published.get() - 1;
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(browser.run("return open.filter(o => !o.upTo(arguments[0]))"
                + ".map(o => [o.topics, o.since, o.got.slice(-3)])", last)).isEqualTo(List.of()));

        assertThat(browser.run("return wrong")).isEqualTo(List.of());
        assertThat(received(tab)).isEmpty();
        assertThat(last).isGreaterThan(100);
        assertThat((Long) browser.run("return checked")).isGreaterThan(5_000);
        assertThat(runIn(tab, "return errors")).isEqualTo(List.of());
    }

    private static final String SCHEDULE = """
            const { connect } = await import('/static/sse-hub.js');
            let state = arguments[0];
            const random = (n) => (state = (state * 48271) % 2147483647) % n;
            window.wrong ??= [];
            window.open = window.open instanceof Array ? window.open : [];
            window.checked ??= 0;
            window.hubs ??= [];
            const subscribe = (hub) => {
              const numbers = [0, 1, 2, 3].filter(() => random(2));
              const topics = random(6) === 0 ? ['*'] : numbers.length === 4 ? ['/t/{x}'] : numbers.map((n) => `/t/${n}`);
              if (topics.length === 0) return;
              const wanted = topics[0] === '*' || numbers.length === 4 ? [0, 1, 2, 3] : numbers;
              const since = random(2) ? 'earliest' : null;
              const next = {};
              const o = { hub, topics, since, got: [], upTo: (n) => wanted.every((topic) => next[topic] === n + 1) };
              o.subscription = hub.subscribe(topics, (event) => {
                if (event.type === 'gap') return wrong.push(['gap', event.data]);
                o.got = [...o.got.slice(-5), event.data];
                const [topic, n] = event.data.split(' ').map(Number);
                next[topic] ??= since ? 0 : n;
                checked++;
                if (n !== next[topic] || !wanted.includes(topic)) wrong.push([topics, since, next[topic], event.data]);
                next[topic] = n + 1;
              }, { since });
              open.push(o);
            };
            for (let step = 0; step < 60; step++) {
              const hub = hubs[random(hubs.length || 1)];
              switch (hub ? random(8) : 0) {
                case 0: case 1:
                  if (hubs.length < 6) hubs.push(connect('/sse'));
                  break;
                case 2:
                  hub.close();
                  hubs.splice(hubs.indexOf(hub), 1);
                  open = open.filter((o) => o.hub !== hub);
                  break;
                case 3: {
                  const o = open[random(open.length || 1)];
                  o?.subscription.close();
                  open = open.filter((other) => other !== o);
                  break;
                }
                case 4:
                  await navigator.locks.request(`sse-hub ${location.origin}/sse leads`, { steal: true }, () => {});
                  break;
                default:
                  subscribe(hub);
              }
              await new Promise((resolve) => setTimeout(resolve, random(30)));
            }""";

    @Test
    void tabsThatShareAStreamReceiveOnlyTheirOwnTopics() {
        String chat = open("chat");
        String orders = open("/orders/{id}", "news");
        String all = open("*");
        publish("chat", 0, 10);
        publish("/orders/7", 10, 20);
        publish("news", 20, 30);
        publish("other", 30, 40);

        assertThat(awaitReceived(all, 40)).isEqualTo(numbers(0, 40));
        assertThat(awaitReceived(chat, 10)).isEqualTo(numbers(0, 10));
        assertThat(awaitReceived(orders, 20)).isEqualTo(numbers(10, 30));
        tabs.remove(all);
        browser.closeTab(all);
        publish("chat", 40, 50);
        publish("other", 50, 60);
        publish("news", 60, 70);

        assertThat(awaitReceived(chat, 20)).endsWith(numbers(40, 50).toArray(String[]::new));
        assertThat(awaitReceived(orders, 30)).endsWith(numbers(60, 70).toArray(String[]::new));
        assertThat(application.hub().subscribers()).isEqualTo(1);
    }

    /** A reloaded page reads its past from the history, and receives the events published meanwhile once. */
    @Test
    void aLateTabReceivesTheHistoryAndThenLiveEvents() throws Exception {
        open("chat");
        String id = application.hub().publish(new Update("chat", "0"));
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicInteger published = new AtomicInteger(1);
        Thread publisher = Thread.ofVirtual().start(() -> {
            while (!stopped.get()) {
                publish("other", 0, 1);
                publish("chat", published.get(), published.incrementAndGet());
                LockSupport.parkNanos(10_000_000);
            }
        });
        List<String> all = new ArrayList<>();
        List<String> some = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(openSince("earliest", "chat"));
            some.add(openSince(id, "chat", "elsewhere" + i)); // the new topic reopens the stream of all tabs
        }
        stopped.set(true);
        publisher.join();

        for (String tab : all) {
            assertThat(awaitReceived(tab, published.get())).isEqualTo(numbers(0, published.get()));
        }
        for (String tab : some) {
            assertThat(awaitReceived(tab, published.get() - 1)).isEqualTo(numbers(1, published.get()));
        }
        assertThat(awaitReceived(tabs.getFirst(), published.get())).isEqualTo(numbers(0, published.get()));
    }

    /** A subscription reads its newest events by itself, so that the others of the stream do not receive them again. */
    @Test
    void eachSubscriptionBeginsWithItsOwnNewestEvents() throws Exception {
        String first = open("chat");
        publish("chat", 0, 5);
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicInteger published = new AtomicInteger(5);
        Thread publisher = Thread.ofVirtual().start(() -> {
            while (!stopped.get()) {
                publish("other", 0, 1);
                publish("chat", published.get(), published.incrementAndGet());
                LockSupport.parkNanos(10_000_000);
            }
        });
        List<String> late = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            late.add(openWith(Map.of("last", 3), "chat", "elsewhere" + i)); // the new topic reopens the stream of all tabs
            browser.await("window.more = []; await hub.subscribe('chat', event => more.push(event.data), { last: 2 }).ready");
        }
        stopped.set(true);
        publisher.join();

        int end = published.get();
        assertThat(awaitReceived(first, end)).isEqualTo(numbers(0, end));
        for (String tab : late) {
            for (String list : List.of("got", "more")) {
                await().atMost(PATIENCE).until(() -> runIn(tab, "return " + list + ".at(-1)").equals("" + (end - 1)));
                List<?> received = (List<?>) runIn(tab, "return " + list);
                assertThat(received).as(list).hasSizeGreaterThanOrEqualTo(2)
                        .isEqualTo(numbers(Integer.parseInt(received.getFirst().toString()), end));
            }
            assertThat(runIn(tab, "return gaps")).isEqualTo(List.of());
        }
        String quiet = openWith(Map.of("last", 2), "chat");
        assertThat(received(quiet)).isEqualTo(numbers(end - 2, end));
        publish("chat", end, end + 1);
        assertThat(awaitReceived(quiet, 3)).isEqualTo(numbers(end - 2, end + 1));
        assertThat(awaitReceived(first, end + 1)).isEqualTo(numbers(0, end + 1));
        assertThat(application.hub().subscribers()).isEqualTo(1);
        assertThat(browser.await("return hub.subscribe('chat', () => {}, { last: 0, onerror() {} }).ready"
                + ".catch(error => error.message)"))
                .isEqualTo("the field last must be a number of events from 1 to 10000, not '0'");
    }

    @Test
    void tabsReconnectToARestartedHubAndReportTheGap() {
        String one = open("chat");
        String two = open("chat");
        publish("chat", 0, 5);
        awaitReceived(one, 5);
        int port = application.port();
        application.close();
        await().atMost(PATIENCE).until(() -> runIn(two, "return hub.state.name").equals("waiting"));
        assertThat((Long) state("retryAt")).isGreaterThan(System.currentTimeMillis() - 30_000);
        assertThat(state("reason").toString()).isNotEmpty();
        application = start(Map.of("server.port", "" + port));
        await().atMost(PATIENCE).until(() -> runIn(two, "return hub.state.name").equals("live"));
        publish("chat", 5, 10);

        for (String tab : List.of(one, two)) {
            assertThat(awaitReceived(tab, 10)).isEqualTo(numbers(0, 10));
            assertThat((List<?>) runIn(tab, "return gaps")).singleElement().asString().startsWith("{\"requested\":\"");
        }
    }

    /** The gap of the shared stream does not concern a subscription that reads its own history. */
    @Test
    void aSubscriptionMadeDuringAnOutageReceivesEachEventOnce() {
        String tab = open("chat");
        publish("chat", 0, 5);
        awaitReceived(tab, 5);
        int port = application.port();
        application.close();
        await().atMost(PATIENCE).until(() -> state("name").equals("waiting"));
        browser.run("window.all = []; hub.subscribe('chat', event => all.push(event.type === 'gap' ? 'gap' : event.data),"
                + "{ since: 'earliest' })");
        application = start(Map.of("server.port", "" + port));
        publish("chat", 5, 10);
        await().atMost(PATIENCE).until(() -> state("name").equals("live"));
        publish("chat", 10, 12);

        assertThat(awaitReceived(tab, 12)).isEqualTo(numbers(0, 12));
        await().atMost(PATIENCE).until(() -> ((List<?>) runIn(tab, "return all")).contains("11"));
        assertThat(runIn(tab, "return all")).isEqualTo(numbers(5, 12));
        assertThat((List<?>) runIn(tab, "return gaps")).hasSize(1);
    }

    /** The tabs have other topics that go on, so the stream does not end with the run. */
    @Test
    void theEndOfARunReachesEachTabOnce() {
        for (int i = 0; i < 2; i++) {
            open("chat");
            followToEnd("run/1");
        }
        application.hub().publish(new Update("run/1", "word"));
        String leader = leader();
        await().atMost(PATIENCE).until(() -> runIn(leader, "return ended").equals(List.of("word")));
        tabs.remove(leader);
        browser.closeTab(leader);
        browser.switchTo(tabs.getFirst());
        application.hub().publish(new Update("run/1", "last").ending());
        publish("chat", 0, 1);
        String late = open("chat");
        followToEnd("run/1");
        for (String tab : tabs) {
            List<String> all = List.of("word", "last", "end");
            await().atMost(PATIENCE).until(() -> runIn(tab, "return ended.length").equals(3L));
            publish("chat", 1, 2);
            await().atMost(PATIENCE).until(() -> received(tab).contains("1"));
            assertThat(runIn(tab, "return ended")).as(tab.equals(late) ? "the new tab" : "a tab").isEqualTo(all);
        }
        assertThat(application.hub().subscribers()).isEqualTo(1);
    }

    /** No tab wants anything else, so the stream ends, and no tab opens it again. */
    @Test
    void theEndOfTheSharedStreamReachesEachTabOnce() {
        for (int i = 0; i < 3; i++) {
            open("run/1");
            followToEnd("run/1");
        }
        application.hub().publish(new Update("run/1", "last").ending());
        for (String tab : tabs) {
            await().atMost(PATIENCE).until(() -> runIn(tab, "return hub.state.name").equals("idle"));
        }
        for (String tab : tabs) {
            assertThat(runIn(tab, "return ended")).isEqualTo(List.of("last", "end"));
        }
        assertThat(application.hub().subscribers()).isZero();
    }

    private static void followToEnd(String topic) {
        browser.await("window.ended = []; await hub.subscribe(arguments[0], event => ended.push(event.data),"
                + "{ onend: () => ended.push('end') }).ready", topic);
    }

    /** Some frameworks mount a component twice in development, and close its first connection immediately. */
    @Test
    void aConnectionClosedImmediatelyLeavesNothingBehind() {
        String tab = open("chat");
        Object state = browser.await("""
                const { connect } = await import('/static/sse-hub.js');
                const first = connect('/sse');
                first.subscribe('chat', () => got.push('first'));
                first.close();
                const second = connect('/sse');
                second.addEventListener('state', () => second.close());
                await navigator.locks.query();
                return first.state.name;""");
        publish("chat", 0, 3);
        assertThat(state).isEqualTo("closed");
        assertThat(awaitReceived(tab, 3)).isEqualTo(numbers(0, 3));
        await().atMost(PATIENCE).until(() -> state("tabs").equals(1L));
        assertThat(browser.await("return (await navigator.locks.query()).held.length"))
                .as("the locks for being open and for leading")
                .isEqualTo(2L);
    }

    /** A phone freezes background tabs. */
    @Test
    void aFrozenTabGivesUpTheLead() {
        application.close();
        application = start(Map.of("sse-hub.heartbeat-interval", "PT0.5S"));
        String frozen = open("chat");
        String active = open("chat");
        browser.switchTo(frozen);
        assertThat(state("leads")).isEqualTo(true);
        browser.freeze(true);
        browser.switchTo(active);
        publish("chat", 0, 3);
        // the leader has been silent for longer than the other tabs tolerate
        browser.run("const now = performance.now.bind(performance); performance.now = () => now() + 15_000");
        await().atMost(PATIENCE).until(() -> runIn(active, "return hub.state.leads").equals(true));
        publish("chat", 3, 6);
        assertThat(awaitReceived(active, 6)).isEqualTo(numbers(0, 6));

        browser.switchTo(frozen);
        browser.freeze(false);
        publish("chat", 6, 9);
        assertThat(awaitReceived(frozen, 9)).isEqualTo(numbers(0, 9));
        assertThat(awaitReceived(active, 9)).isEqualTo(numbers(0, 9));
        assertThat(state("leads")).isEqualTo(true);
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 1);
    }

    @Test
    void aRefusedSubscriptionDoesNotAffectTheOthers() {
        String tab = open("chat");
        Object message = browser.await("""
                const refused = hub.subscribe('x'.repeat(2000), () => {}, { onerror: error => window.refused = error });
                const other = hub.subscribe(['chat', 'more'], event => got.push(event.data));
                hub.subscribe('chat', () => { throw new Error('a mistake of the page') });
                await other.ready;
                return refused.ready.catch(error => `${error.name} ${error.status} ${error.message}`);""");
        assertThat(message).isEqualTo("HubError 400 the topic may have up to 1024 characters, this one has 2000");
        publish("chat", 1, 2);

        await().atMost(PATIENCE).until(() -> received(tab).equals(List.of("1", "1")));
        assertThat(runIn(tab, "return window.errors")).isEqualTo(List.of("Script error."));
        assertThat(
                browser.await("return hub.publish({ topic: 'closed', data: 'x' }).catch(error => [error.status, error.message])"))
                .asString().startsWith("[401, it takes a token to publish to closed");
        browser.run("window.errors.length = 0");
        browser.await("await hub.subscribe('', () => {}).ready.catch(() => {})");
        assertThat(runIn(tab, "return window.errors")).as("a page without an error listener sees the error in the console")
                .isEqualTo(List.of("Uncaught HubError: the topic must not be empty"));
        for (String mistake : List.of("hub.subscribe([], () => {})", "hub.subscribe('chat')",
                "hub.publish({ topic: 'chat', data: {} })", "hub.publish()")) {
            assertThat(browser.await("try { await " + mistake + " } catch (error) { return error.name }")).as(mistake)
                    .isEqualTo("TypeError");
        }
        browser.run("window.errors.length = 0");
        assertThat(browser.await("return hub.publish(new URLSearchParams({ topic: 'closed' })).catch(error => error.status)"))
                .isEqualTo(401L);
        assertThat(browser.await("return hub.publish({ topic: ['chat'], data: 'a\\nb', type: 't', private: false })")).asString()
                .matches("\\d+-\\d+");
        await().atMost(PATIENCE).until(() -> received(tab).size() == 4);
        assertThat(received(tab)).endsWith("a\nb", "a\nb");
    }

    /** A stream may have at most 20 variables, but the tabs together may need more. */
    @Test
    void topicsBeyondOneStreamsLimitGetAnotherStream() {
        for (int i = 0; i < 5; i++) {
            open("chat", "/" + i + "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}");
        }
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 4);
        for (int i = 0; i < 5; i++) {
            publish("/" + i + "/a/b/c/d/e/f/g/h", 0, 5);
        }
        publish("chat", 5, 10);
        for (String tab : tabs) {
            assertThat(awaitReceived(tab, 10)).isEqualTo(numbers(0, 10));
        }
        String leader = tabs.removeFirst();
        browser.closeTab(leader);
        publish("chat", 10, 15);
        for (String tab : tabs) {
            assertThat(awaitReceived(tab, 15)).isEqualTo(numbers(0, 15));
        }
    }

    /** One page can exceed the limit by itself. Its other subscriptions stay live. */
    @Test
    void aSubscriptionThatExceedsTheLimitOfItsPageIsRefused() {
        String tab = open("chat", "/a/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}");
        Object refused = browser.await("""
                const wide = (n) => hub.subscribe(`/${n}/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}`, (event) => got.push(event.data),
                    { onerror: () => {} }).ready.then(() => 'live', (error) => error.message);
                return Promise.all([wide('b'), wide('c')])""");
        assertThat(refused)
                .isEqualTo(
                        List.of("live", "the templates of a subscription may have at most 20 variables in all, these have 24"));
        publish("/b/1/2/3/4/5/6/7/8", 0, 2);
        publish("chat", 2, 4);
        assertThat(awaitReceived(tab, 4)).isEqualTo(numbers(0, 4));
    }

    @Test
    void withoutTheLocksApiEachTabOpensItsOwnStream() {
        List<String> alone = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String tab = browser.openTab("http://localhost:" + application.port() + "/static/sse-hub.js");
            tabs.add(tab);
            alone.add(tab);
            browser.run("delete Navigator.prototype.locks");
            subscribe(Map.of(), "chat");
        }
        assertThat(application.hub().subscribers()).isEqualTo(2);
        publish("chat", 0, 10);
        for (String tab : alone) {
            assertThat(awaitReceived(tab, 10)).isEqualTo(numbers(0, 10));
        }
    }

    /** The shared stream resumes at its old position, but earlier events must not reach the new subscription. */
    @Test
    void aNewSubscriptionReceivesOnlyLaterEvents() {
        String tab = open("chat");
        publish("late", 0, 5);
        browser.await("window.late = []; await hub.subscribe('late', event => late.push(event.data)).ready");
        publish("late", 5, 8);
        await().atMost(PATIENCE).until(() -> ((List<?>) runIn(tab, "return late")).size() >= 3);
        assertThat(runIn(tab, "return late")).isEqualTo(numbers(5, 8));
    }

    @Test
    void closingTheLastSubscriptionEndsTheStream() {
        String tab = open("chat");
        publish("chat", 0, 2);
        awaitReceived(tab, 2);
        browser.run("subscription.close()");
        await().atMost(PATIENCE).until(() -> state("name").equals("idle"));
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 0);
        publish("chat", 2, 4);
        browser.await("await hub.subscribe('chat', event => got.push(event.data)).ready");
        publish("chat", 4, 6);
        assertThat(awaitReceived(tab, 4)).isEqualTo(List.of("0", "1", "4", "5"));

        browser.run("hub.close()");
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 0);
        assertThat(state("name")).isEqualTo("closed");
        assertThat(browser.await("try { hub.subscribe('x', () => {}) } catch (error) { return error.message }"))
                .isEqualTo("this connection to the hub was closed");
    }

    /** The documentation names every member of the module's API and nothing else. */
    @Test
    void theDocumentationCoversTheWholeApi() throws Exception {
        openSince("earliest", "chat");
        Object found = browser.await("""
                const module = await import('/static/sse-hub.js');
                const { promise: event, resolve } = Promise.withResolvers();
                await hub.subscribe('chat', resolve).ready;
                await hub.publish({ topic: 'chat', data: 'x' });
                const names = (name, object) => Object.getOwnPropertyNames(object)
                    .filter(key => !['constructor', 'name', 'message', 'stack'].includes(key)).map(key => `${name}.${key}`);
                const error = new module.HubError(400, 'x');
                return [...Object.keys(module), ...names('event', await event), ...names('hub', hub),
                    ...names('hub', Object.getPrototypeOf(hub)), ...names('hub.state', hub.state), ...names('HubError', error),
                    ...names('HubError', Object.getPrototypeOf(error)), ...names('subscription', subscription)]""");
        String page = Files.readString(Path.of("src/site/markdown/browser.md"));
        String table = page.substring(page.indexOf("| `connect(url, options)`"),
                page.indexOf("\n\n", page.indexOf("| `connect(url, options)`")));
        for (Object name : (List<?>) found) {
            String[] parts = name.toString().split("\\.");
            assertThat(table.lines().filter(line -> line.contains("`" + parts[0]) && line.contains(parts[parts.length - 1])))
                    .as("%s", name).isNotEmpty();
        }
        Matcher documented = Pattern.compile("`(connect|HubError|(?:event|hub|subscription)\\.\\w+)").matcher(table);
        assertThat(documented.results().map(MatchResult::group).map(name -> name.substring(1))).isNotEmpty()
                .allMatch(((List<?>) found)::contains);
    }

    /** A stream carries what one account's token grants. */
    @Test
    void tabsOfDifferentAccountsDoNotShareAStream() {
        for (String account : List.of("ada", "bob")) {
            tabs.add(browser.openTab("http://localhost:" + application.port() + "/static/sse-hub.js"));
            browser.await("""
                    const { connect } = await import('/static/sse-hub.js');
                    window.hub = connect('/sse', { account: arguments[0] });
                    hub.subscribe('chat', () => {});""", account);
        }
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 2);
    }

    private String leader() {
        return tabs.stream().filter(tab -> runIn(tab, "return hub.state.leads").equals(true)).findFirst().orElseThrow();
    }

    private String open(String... topics) {
        return openWith(Map.of(), topics);
    }

    private String openSince(String since, String... topics) {
        return openWith(Map.of("since", since), topics);
    }

    private String openWith(Map<String, Object> options, String... topics) {
        String tab = browser.openTab("http://localhost:" + application.port() + "/static/sse-hub.js");
        tabs.add(tab);
        subscribe(options, topics);
        return tab;
    }

    private static void subscribe(Map<String, Object> options, String... topics) {
        browser.await("""
                const { connect } = await import('/static/sse-hub.js');
                window.hub = connect('/sse');
                window.got = [];
                window.gaps = [];
                window.errors = [];
                window.onerror = message => errors.push(message);
                window.subscription = hub.subscribe(arguments[0],
                    event => (event.type === 'gap' ? gaps : got).push(event.data),
                    { ...arguments[1], onerror: error => errors.push(error.message) });
                await subscription.ready;""", List.of(topics), options);
    }

    private void publish(String topic, int from, int to) {
        IntStream.range(from, to).forEach(i -> application.hub().publish(new Update(topic, "" + i)));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private Object runIn(String tab, String script) {
        browser.switchTo(tab);
        return browser.run(script);
    }

    private Object state(String name) {
        return browser.run("return hub.state[arguments[0]]", name);
    }

    private List<String> received(String tab) {
        return ((List<?>) runIn(tab, "return got")).stream().map(String::valueOf).toList();
    }

    private List<String> awaitReceived(String tab, int count) {
        await().atMost(PATIENCE).until(() -> received(tab).size() >= count);
        assertThat(runIn(tab, "return errors")).isEqualTo(List.of());
        return received(tab);
    }

    private static Application start(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(QUIET);
        all.put("server.host", "localhost");
        all.put("server.port", "0");
        all.putAll(properties);
        return Application.start(() -> HubConfig.load(null, Map.of(), all), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
    }
}
