package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page's panels as a user sees them: the clock, the charts, the chat and the log. */
class PagePanelsTest extends BrowserTest {
    private static final String HOSTILE = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"
            + "\u202E\u2067&amp; \uD83C\uDF89" + "x".repeat(4096);
    private static final String SAMPLE = """
            {"time":%d,"cores":2,"cpu":{"system":0.8,"process":0.25},"load":0.52,"memory":{"used":3221225472,"total":4294967296},\
            "heap":{"used":52428800,"max":536870912},"threads":31,"subscribers":1234,"eventsPerSecond":12.5}""";
    private static final String AT_END = "const l = document.querySelector(arguments[0]);"
            + "return l.scrollHeight - l.scrollTop - l.clientHeight < 2";

    private OpenPage page;

    @BeforeEach
    void openPage() {
        // the tests publish their own system samples
        page = OpenPage.of(browser, Map.of("sse-hub.feeds.system.interval", "PT24H", "sse-hub.feeds.answers.interval", "PT1H"));
    }

    @AfterEach
    void closePage() {
        browser.emulate("light", 1000, 700);
        page.close();
    }

    @Test
    void thePageLoadsEverythingFromTheHubUnderAStrictPolicy() throws IOException, InterruptedException {
        page.awaitTrue("return document.querySelector('#clock').dateTime !== ''");
        assertThat(browser.requests()).isNotEmpty().allMatch(url -> url.startsWith(page.origin() + "/"));
        assertThat(browser.console()).isEmpty();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String path : List.of("/static/index.html", "/static/page.js", "/static/uplot/LICENSE")) {
                var answer = client.send(HttpRequest.newBuilder(URI.create(page.origin() + path)).build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("Content-Security-Policy").orElse("")).startsWith("default-src 'self';")
                        .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'").doesNotContain("unsafe");
            }
        }
    }

    @Test
    void theClockShowsTheLocalTimeOfTheServer() {
        page.publish("time", null, "Server time: 1999-12-31T23:59:58+05:30");
        page.awaitTexts("#messages li.message", "Server time: 1999-12-31T23:59:58+05:30");
        browser.run("""
                window.seen = [];
                new MutationObserver(() => seen.push(clock.textContent + ' ' + date.textContent))
                    .observe(document.querySelector('#date'), { childList: true, characterData: true, subtree: true });""");
        await().atMost(OpenPage.PATIENCE).until(() -> { // the next tick may come before the clock is drawn
            page.publish("time", null, "Server time: 1999-12-31T23:59:59-03:00");
            return Boolean.TRUE.equals(browser.run("return seen.includes('23:59:59 Friday, 31 December 1999, UTC\u221203:00')"));
        });
        // the header updates the age by itself
        page.awaitTrue("return /^last event [0-9.]+ s ago$/.test(document.querySelector('#last-event').textContent)");
    }

    @Test
    void hostileTextIsShownAsTextAndStaysInsideItsPanel() {
        browser.emulate("light", 360, 2_400); // all lists are in view
        page.publish("chat", "chat", "{\"name\":\"<b>\u202Eeve</b>\",\"text\":\"<i>hi</i>\"}");
        page.publish("chat", null, HOSTILE);
        page.publish("chat", null, "{\"name\":1,\"text\":2}");
        page.publish("log", "log", HOSTILE + "\nsecond\0line");
        page.publish("time", null, HOSTILE);

        page.awaitTexts("#chat-messages .text", "<i>hi</i>", HOSTILE, "{\"name\":1,\"text\":2}");
        assertThat(page.texts("#chat-messages .name")).containsExactly("<b>\u202Eeve</b>", "anonymous", "anonymous");
        page.awaitTexts("#log-lines li", HOSTILE, "second\0line");
        page.awaitTexts("#messages li", HOSTILE);
        assertThat(browser.run("return document.querySelectorAll('ol :is(img, script, b, i)').length")).isEqualTo(0L);
        assertThat(browser.run("return document.title")).isEqualTo("sse-hub");
        assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth")).as("nothing overflows the window")
                .isEqualTo(true);
        assertThat(browser.run("""
                return [...document.querySelectorAll('ol, ol li, ol .text')].every(e => e.scrollWidth <= e.clientWidth + 1)"""))
                .isEqualTo(true);
    }

    @Test
    void theChatMarksOwnMessagesAfterAReloadAndAnnouncesOnlyThoseOfOthers() {
        browser.type("#chat-name", "Ada");
        browser.type("#chat-text", "first", Keys.chord(Keys.SHIFT, Keys.ENTER), "second", Keys.ENTER);
        page.awaitTexts("#chat-messages .own .text", "first\nsecond");
        page.awaitTrue("return document.querySelector('#chat-text').value === ''"); // the event may arrive before the response
        page.publish("chat", "chat", "{\"name\":\"Ada\",\"text\":\"I am not\"}");
        page.awaitTexts("#chat-messages li:not(.own) .text", "I am not");
        page.awaitTexts("#chat-news p", "Ada: I am not");
        assertThat(page.texts("#chat-news p")).hasSize(1);

        page.open();
        page.awaitTexts("#chat-messages .own .text", "first\nsecond");
        page.awaitTexts("#chat-messages li:not(.own) .text", "I am not");
        assertThat(browser.run("return document.querySelector('#chat-name').value")).isEqualTo("Ada");
        assertThat(page.texts("#chat-news p")).as("the history is not announced").isEmpty();
    }

    @Test
    void everyTabShowsTheChatAndMarksTheMessagesOfThisBrowser() {
        String first = browser.tab();
        String second = browser.openTab(page.origin() + "/");
        try {
            page.awaitTexts("#state", "live");
            page.awaitTexts("#tabs:not([hidden])", "shared by 2 tabs");
            browser.type("#chat-text", "to all", Keys.ENTER);
            page.awaitTexts("#chat-messages .own .text", "to all");
            browser.switchTo(first);
            page.awaitTexts("#chat-messages .own .text", "to all");
        } finally {
            browser.closeTab(second);
            browser.switchTo(first);
        }
        page.awaitTrue("return document.querySelector('#tabs').hidden");
    }

    @Test
    void theChatKeepsARefusedMessageAndShowsTheReason() {
        page.close();
        page = OpenPage.of(browser, Map.of("sse-hub.publish.anonymous-topics", "other"));
        browser.type("#chat-text", "important", Keys.ENTER);
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#chat-form [role=alert]")
                .startsWith("Not sent: it takes a token to publish to chat"));
        assertThat(browser.text("#example")).startsWith("curl -H \"Authorization: Bearer $TOKEN\" ");
        assertThat(browser.run("return document.querySelector('#chat-text').value")).isEqualTo("important");
    }

    @Test
    void aMessageResentAfterALostResponseArrivesOnce() {
        browser.run("""
                const original = fetch;
                let lost = false;
                window.fetch = async (url, options) => {
                  const answer = await original(url, options);
                  if (options?.method === 'POST' && !lost) {
                    lost = true;
                    throw new TypeError('the answer is lost');
                  }
                  return answer;
                };""");
        browser.type("#chat-text", "once", Keys.ENTER);
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#chat-form [role=alert]").startsWith("Not sent: "));
        page.awaitTexts("#chat-messages .own .text", "once");
        browser.type("#chat-text", Keys.ENTER);
        page.awaitTrue("return document.querySelector('#chat-text').value === ''");
        browser.type("#chat-text", "twice", Keys.ENTER);
        page.awaitTexts("#chat-messages .own .text", "twice");
        assertThat(page.texts("#chat-messages .own .text")).containsExactly("once", "twice");
    }

    /** The library of the charts fails if the language of the browser has no valid name, as in WebKitGTK with LANG=C. */
    @Test
    void thePageWorksWithoutItsCharts() {
        Runnable end = browser.runBeforePages("Object.defineProperty(navigator, 'language', { get: () => 'C' });");
        try {
            page.open();
            page.awaitTexts("#cpu-chart", "This browser cannot draw the chart.");
            page.awaitTexts("#state", "live");
        } finally {
            end.run();
            page.open();
        }
    }

    @Test
    void thePageWorksWithoutLocalStorage() {
        Runnable end = browser.runBeforePages(
                "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } });");
        try {
            page.open();
            browser.type("#chat-text", "hello", Keys.ENTER);
            page.awaitTexts("#chat-messages .own .text", "hello");
        } finally {
            end.run();
            page.open();
        }
    }

    @Test
    void theLogFollowsUnlessTheUserHasScrolledUp() {
        page.publish("log", "log", lines(0, 1_500));
        page.awaitTexts("#log-lines li", "line 1499");
        assertThat(page.texts("#log-lines li")).hasSize(1_000).startsWith("line 500");
        assertThat(browser.run(AT_END, "#log-lines")).isEqualTo(true);
        assertThat(browser.run("return document.querySelector('#log .new').hidden")).isEqualTo(true);

        browser.run("document.querySelector('#log-lines').scrollTop = 0");
        page.publish("log", null, "a\nb\nc");
        page.awaitTexts("#log .new:not([hidden])", "3 new lines ↓");
        assertThat((Long) browser.run("return Math.round(document.querySelector('#log-lines').scrollTop)")).isLessThan(100);

        browser.click("#log .new");
        page.awaitTrue(AT_END, "#log-lines");
        assertThat(browser.run("return document.querySelector('#log .new').hidden")).isEqualTo(true);
        page.publish("log", null, "d");
        page.awaitTexts("#log-lines li", "d");
        page.awaitTrue(AT_END, "#log-lines");
    }

    @Test
    void theChartsLeaveOutMissingSamplesAndFollowTheColourScheme() throws IOException {
        browser.emulate("light", 800, 700);
        long now = System.currentTimeMillis();
        for (int second = 290; second >= 0; second--) {
            if (second < 100 || second > 200) {
                page.publish("system", "system", SAMPLE.formatted(now - second * 1000L));
            }
        }
        page.awaitTexts("#values dd", "80.0 %", "25.0 %", "3.0 of 4.0 GiB", "50 of 512 MiB", "0.52, 2 cores", "31", "1,234",
                "12.5");
        // the plot covers five minutes: samples at first, then a hole, then samples again
        await().atMost(OpenPage.PATIENCE).until(() -> drawn(0.1, 0.3, "#2563eb") > 20);
        assertThat(drawn(0.36, 0.64, "#2563eb")).as("the hole").isZero();
        assertThat(drawn(0.7, 0.95, "#2563eb")).isGreaterThan(20);
        assertThat(drawn(0.7, 0.95, "#c2570c")).isGreaterThan(20);

        browser.emulate("dark", 800, 700);
        await().atMost(OpenPage.PATIENCE).until(() -> drawn(0.7, 0.95, "#6ea8fe") > 20);
        browser.emulate("dark", 360, 800);
        assertThat(drawn(0.7, 0.95, "#2563eb")).isZero();
        page.awaitTrue("return document.querySelector('#cpu-chart canvas').getBoundingClientRect().right <= innerWidth");
        Files.write(Path.of("target/page-narrow-dark.png"), browser.screenshot());

        page.publish("system", "system",
                "{\"time\":" + (now + 1000) + ",\"cores\":null,\"cpu\":{\"system\":null},\"heap\":null}");
        page.awaitTrue("return [...document.querySelectorAll('#values dd')].every(value => value.textContent === '–')");
        page.open();
        await().atMost(OpenPage.PATIENCE).until(() -> drawn(0.7, 0.95, "#6ea8fe") > 20);
    }

    @Test
    void thePageReportsAnOutageAndTheTimeOfTheNextAttempt() {
        page.stopHub();
        page.awaitTexts("#state", "reconnecting");
        page.awaitTrue(
                "return /^reconnecting in \\d+ s$/.test(document.querySelector('#away:not([hidden]) #countdown').textContent)");
        assertThat(browser.text("#reason")).isNotEmpty();
        page.startHub();
        page.awaitTrue("const now = document.querySelector('#away button'); now.click();"
                + "return document.querySelector('#state').textContent === 'live'");
        assertThat(browser.run("return document.querySelector('#away').hidden")).isEqualTo(true);
        page.awaitTexts("#chat-messages li.gap", "messages may be missing here: the hub no longer has them");
    }

    @Test
    void disabledPanelsNameTheKeyThatEnablesThem() {
        Runnable end = browser.runBeforePages(
                """
                        const original = fetch;
                        window.fetch = (url, options) => String(url).endsWith('page.json')
                            ? Promise.resolve(Response.json({ hub: '/sse', messages: [], time: null, system: null, log: null, answers: null }))
                            : original(url, options);""");
        try {
            page.open();
            assertThat(browser.text("#time .notice")).contains("sse-hub.feeds.time.enabled");
            assertThat(browser.text("#system .notice")).contains("sse-hub.feeds.system.enabled");
            assertThat(browser.text("#answer .notice")).contains("sse-hub.feeds.answers.enabled");
            assertThat(browser.text("#log .empty")).contains("log:", "enabled: true", "--stdin log");
            assertThat(browser.console()).isEmpty();
        } finally {
            end.run();
        }
    }

    @Test
    void thePageSupportsKeyboardsAndScreenReaders() {
        assertThat(browser
                .run("""
                        return [...document.querySelectorAll('input, textarea, select')].filter(e => e.labels.length !== 1).map(e => e.id)"""))
                .isEqualTo(List.of());
        assertThat(browser.run("""
                return [...document.querySelectorAll('button')].filter(e => e.textContent.trim() === '' && !e.hidden).length"""))
                .isEqualTo(0L);
        assertThat(browser
                .run("""
                        return [...document.querySelectorAll('section, nav, ol, form')]
                            .filter(e => !e.ariaLabel && !document.getElementById(e.getAttribute('aria-labelledby')) && e.id !== 'chat-form')
                            .map(e => e.id)"""))
                .isEqualTo(List.of());
        assertThat(browser.run("return !!document.querySelector('#clock, #last-event, #countdown, #messages').closest("
                + "'[aria-live], [role=status], [role=log], [role=alert]')"))
                .as("a screen reader would announce a clock all the time")
                .isEqualTo(false);
        browser.type("body", Keys.TAB);
        assertThat(browser.run("return document.activeElement.className")).isEqualTo("skip");
    }

    /** Axe checks contrast, names, roles and focus. */
    @Test
    void axeFindsNoViolations() {
        browser.emulate("light", 1_280, 2_400);
        page.publish("chat", "chat", "{\"name\":\"Ada\",\"text\":\"Hello\"}");
        page.publish("log", "log", lines(0, 30));
        browser.click("#answer-ask");
        browser.click("#subscribe-form [type=submit]");
        page.awaitTexts("#answer-state", "streaming");
        page.awaitTexts("#log-lines .line", "line 29");
        page.awaitTrue("return document.querySelectorAll('#frames .frame').length > 0");
        browser.emulate("light", 1_280, 900);
        assertThat(browser.accessibilityViolations()).as("light and wide").isEmpty();
        browser.emulate("dark", 360, 900);
        assertThat(browser.accessibilityViolations()).as("dark and narrow").isEmpty();
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));
    }

    /** Counts the pixels of a colour in the CPU chart between two fractions of the plot's width. */
    private static long drawn(double from, double to, String colour) {
        return (Long) browser.run("""
                const [from, to, colour] = arguments;
                const canvas = document.querySelector('#cpu-chart canvas');
                const over = document.querySelector('#cpu-chart .u-over').getBoundingClientRect();
                const left = (over.left - canvas.getBoundingClientRect().left) * devicePixelRatio;
                const width = over.width * devicePixelRatio;
                const pixels = canvas.getContext('2d')
                    .getImageData(left + width * from, 0, width * (to - from), canvas.height * 0.85).data;
                const wanted = [1, 3, 5].map(i => parseInt(colour.slice(i, i + 2), 16));
                let found = 0;
                for (let i = 0; i < pixels.length; i += 4) {
                  found += pixels[i + 3] > 100 && wanted.every((value, c) => Math.abs(pixels[i + c] - value) < 12) ? 1 : 0;
                }
                return found""", from, to, colour);
    }
}
