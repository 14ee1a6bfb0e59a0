package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the page shows what: on a small laptop, on a phone, during an outage, and on a hub that requires a token. */
class PageLayoutTest extends BrowserTest {
    private static final List<Integer> WIDTHS = List.of(1_280, 390);
    private static final int LEAST_TARGET = 40; // pixels
    private static final String GREYED = "const faint = document.createElement('p'); faint.style.color = 'var(--faint)';"
            + "document.body.append(faint); const colour = getComputedStyle(faint).color; faint.remove();"
            + "return ['#clock', '[data-value=threads]'].filter(f => getComputedStyle(document.querySelector(f)).color === colour).length";
    private static final String POSITIONS = "return [...document.querySelectorAll('main, section, .following, form, footer')]"
            + ".map(e => Math.round(e.getBoundingClientRect().top + scrollY)).join()";

    private OpenPage page;

    @BeforeEach
    void openPage() {
        browser.emulate("light", 1_280, 800);
        page = OpenPage.of(browser, Map.of());
        page.awaitTrue("return document.querySelector('#clock').dateTime !== ''"
                + " && document.querySelector('[data-value=threads]').textContent !== '–'");
    }

    @AfterEach
    void closePage() {
        browser.emulate("light", 1_000, 700);
        page.close();
    }

    @Test
    void theChatIsUsedWithoutScrollingOnASmallLaptop() {
        assertThat(browser.run("""
                return ['#chat-name', '#chat-text', '#chat-form button'].every((field) => {
                  const { top, bottom } = document.querySelector(field).getBoundingClientRect();
                  return scrollY === 0 && top > 0 && bottom <= innerHeight;
                }) && document.querySelector('#chat-messages').clientHeight >= 120""")).isEqualTo(true);
    }

    @Test
    void anOutageGreysTheFiguresAndLeavesThePageWhereItIs() {
        page.awaitTrue("return /[0-9]/.test(document.querySelector('#clock').textContent)"
                + " && /[0-9]/.test(document.querySelector('[data-value=threads]').textContent)"); // without figures, none is old
        Map<Integer, Object> before = new TreeMap<>();
        for (int width : WIDTHS) {
            browser.emulate("light", width, 844);
            before.put(width, browser.run(POSITIONS));
        }
        assertThat(browser.run(GREYED)).isEqualTo(0L);
        page.stopHub();
        page.awaitTrue("return document.querySelector('#away').checkVisibility()");
        for (int width : WIDTHS) {
            browser.emulate("light", width, 844);
            assertThat(browser.run(POSITIONS)).as("positions").isEqualTo(before.get(width));
            assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth")).isEqualTo(true);
            assertThat(tooSmall()).as("at a width of %d", width).isEqualTo(List.of());
        }
        assertThat(browser.run(GREYED)).as("figures that are greyed").isEqualTo(2L);
        assertThat(browser.accessibilityViolations()).isEmpty();
        page.startHub();
        page.awaitTrue("document.querySelector('#away button').click();"
                + "return document.querySelector('#state').textContent === 'live'");
        assertThat(browser.run("return document.querySelector('#away').checkVisibility()")).isEqualTo(false);
        assertThat(browser.run(GREYED)).isEqualTo(0L);
    }

    @Test
    void everythingThatIsTouchedIsLargeEnough() {
        browser.run("document.querySelectorAll('.new, [hidden]:not(#away)').forEach(e => { e.hidden = false; })");
        for (int width : WIDTHS) {
            browser.emulate("light", width, 844);
            assertThat(tooSmall()).as("at a width of %d", width).isEqualTo(List.of());
        }
    }

    @Test
    void allTimesOfDayHaveOneFormat() {
        page.publish("chat", "chat", "{\"name\":\"Ada\",\"text\":\"Hello\"}");
        page.awaitTexts("#chat-messages .text", "Hello");
        assertThat(page.texts("#clock, #chat-messages time")).hasSize(2)
                .allMatch(time -> time.matches("([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d"));
    }

    @Test
    void oneHintLeadsToTheTokenOnAHubThatRequiresOne() {
        page.close();
        page = OpenPage.refused(browser, Map.of("sse-hub.auth.key", "a secret that is long enough, just",
                "sse-hub.subscribe.anonymous", "false", "sse-hub.publish.anonymous-topics", ""));
        page.awaitTexts("#state", "refused");
        assertThat(hints()).isEqualTo(List.of("Enter a token"));
        browser.type("#chat-text", "hello\n");
        page.awaitTrue("return document.querySelector('#chat-form .alert').textContent.startsWith('Not sent: it takes a token')");
        assertThat(hints()).isEqualTo(List.of("Enter a token"));
        assertThat(tooSmall()).isEqualTo(List.of());

        page.close();
        page = OpenPage.refused(browser, Map.of("sse-hub.auth.key", "a secret that is long enough, just",
                "sse-hub.subscribe.anonymous", "time,", "sse-hub.publish.anonymous-topics", "chat"));
        page.awaitTrue("return ['system', 'chat', 'log'].every(id => document.querySelector(`#${id} .notice`)"
                + ".textContent.includes('takes a token'))");
        page.awaitTexts("#state", "live");
        assertThat(hints()).isEqualTo(List.of("Enter a token"));
    }

    private static Object hints() {
        return browser.run("return [...document.querySelectorAll('[href=\"#token\"]')].filter(e => e.checkVisibility())"
                + ".map(e => e.textContent)");
    }

    /** Returns the controls that are smaller than a finger needs. The label of a checkbox belongs to it. */
    static Object tooSmall() {
        return browser.run("""
                return [...document.querySelectorAll('a, button, input, select, textarea')].filter(e => e.checkVisibility())
                    .map(e => e.type === 'checkbox' ? e.labels[0] : e)
                    .map(e => [e.id || e.textContent.trim(), e.getBoundingClientRect()])
                    .filter(([, { width, height }]) => width < arguments[0] || height < arguments[0])
                    .map(([name, { width, height }]) => `${name} ${width} x ${height}`)""", LEAST_TARGET);
    }
}
