package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The work of the page when many events arrive. The tests count rows instead of time, so that they hold on any machine. */
class PageLoadTest extends BrowserTest {
    private static final int ROWS_PER_FRAME = 50;
    private static final String AT_END = "const l = document.querySelector(arguments[0]);"
            + "return l.scrollHeight - l.scrollTop - l.clientHeight < 2";

    private OpenPage page;

    @BeforeEach
    void openPage() {
        browser.emulate("light", 1_280, 800);
        page = OpenPage.of(browser,
                Map.of("sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.interval", "PT24H"));
    }

    @AfterEach
    void closePage() {
        browser.emulate("light", 1_000, 700);
        page.close();
    }

    @Test
    void aListAddsFewRowsInAFrameAndSaysHowManyItSkips() {
        countRows("#messages");
        publish("time", 0, 3_000);
        page.awaitTexts("#messages li.message", "event 2999");
        assertThat((Long) browser.run("return Math.max(...window.added)")).as("rows added in one frame")
                .isLessThanOrEqualTo(ROWS_PER_FRAME + 1);
        assertThat(browser.run("return window.skipped > 0 && window.first + window.shown + window.skipped"))
                .as("events before the first row, rows, and those that were skipped between them").isEqualTo(3_000L);
        page.awaitTrue("return /^[\\d,]+ messages skipped: more than 100 a second$/.test("
                + "document.querySelector('#time .note:not([hidden])').textContent)");
        page.awaitTrue(AT_END, "#messages");
        page.awaitTrue("return document.querySelector('#time .note').hidden");
        assertThat(page.texts("#messages li").size()).isLessThanOrEqualTo(200);
    }

    @Test
    void aBurstThatFitsIntoTheListIsShownWhole() {
        countRows("#log-lines");
        page.publish("log", null, IntStream.range(0, 800).mapToObj(i -> "line " + i).collect(Collectors.joining("\n")));
        page.awaitTexts("#log-lines li", "line 799");
        assertThat(page.texts("#log-lines li")).hasSize(800).startsWith("line 0");
        assertThat((Long) browser.run("return Math.max(...window.added)")).isLessThanOrEqualTo(ROWS_PER_FRAME);
    }

    @Test
    void ofALongPastTheNewestRowsAreShownAndNoneCountAsSkipped() {
        publish("time", 0, 3_000);
        page.open();
        page.awaitTexts("#messages li.message", "event 2999");
        assertThat(page.texts("#messages li")).hasSize(200).startsWith("event 2800");
        assertThat(browser.run("return document.querySelector('#time .note').hidden")).isEqualTo(true);
    }

    @Test
    void whatIsOutOfViewIsDrawnWhenItComesIntoView() {
        browser.run("document.querySelector('#subscribe-form [type=submit]').click();"
                + "document.querySelector('#frames').scrollIntoView()");
        await().atMost(OpenPage.PATIENCE).until(() -> {
            page.publish("any", null, "the first one");
            return page.texts("#frames .field-value").contains("the first one");
        });
        browser.await("scrollTo(0, 0); for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)");
        countRows("#frames");
        publish("any", 0, 300);
        page.publish("time", null, "the last one");
        page.awaitTexts("#messages li", "the last one");
        assertThat(browser.run("return scrollY")).as("the debugger is below the window").isEqualTo(0L);
        assertThat(browser.run("return window.added.length")).isEqualTo(0L);
        browser.run("document.querySelector('#frames').scrollIntoView()");
        page.awaitTexts("#frames .field.data .field-value", "event 299");
        page.awaitTrue(AT_END, "#frames");

        // the charts and values are out of view now
        page.publish("system", "system", "{\"time\":" + System.currentTimeMillis() + ",\"threads\":77}");
        page.awaitTexts("#frames .field.beside .field-value", "system");
        assertThat(browser.text("[data-value=threads]")).isEqualTo("–");
        browser.run("scrollTo(0, 0)");
        page.awaitTexts("[data-value=threads]", "77");
    }

    @Test
    void aListStaysAtItsEndWhenTheWindowChanges() {
        page.publish("log", null,
                (("a line that is long enough to be wrapped in a narrow window. ".repeat(3)) + "\n").repeat(200));
        page.awaitTrue("return document.querySelectorAll('#log-lines li').length === 200");
        page.awaitTrue(AT_END, "#log-lines");
        for (int width : List.of(700, 1_280, 390)) {
            browser.emulate("light", width, 800);
            browser.run("document.querySelector('#log').scrollIntoView()");
            publish("log", width, width + 20);
            page.awaitTexts("#log-lines li", "event " + (width + 19));
            page.awaitTrue(AT_END, "#log-lines");
        }
        assertThat(browser.run("return document.querySelector('#log .new').hidden")).isEqualTo(true);
    }

    private void publish(String topic, int from, int to) {
        for (int i = from; i < to; i++) {
            page.publish(topic, null, "event " + i);
        }
    }

    /** Counts the rows that are added to a list: in each frame, in all, and those that a row says were skipped. */
    private static void countRows(String list) {
        browser.run("""
                window.added = [];
                window.shown = 0;
                window.first = null; // the number of the first event that is shown
                window.skipped = 0;
                new MutationObserver((records) => {
                  const rows = records.flatMap(({ addedNodes }) => [...addedNodes]);
                  for (const row of rows) {
                    const count = /^([\\d,]+) \\w+ skipped/.exec(row.textContent)?.[1].replaceAll(',', '');
                    window.skipped += Number(count ?? 0);
                    window.shown += count ? 0 : 1;
                    window.first ??= count ? null : Number(/\\d+/.exec(row.textContent)?.[0]);
                  }
                  if (rows.length > 0) {
                    window.added.push(rows.length);
                  }
                }).observe(document.querySelector(arguments[0]), { childList: true });""", list);
    }
}
