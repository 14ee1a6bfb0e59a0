package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.config.HubConfig;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page's debugger as a user sees it. */
class PageDebuggerTest extends BrowserTest {
    private static final String SUBSCRIBE = "#subscribe-form [type=submit]";
    private static final String PUBLISH = "#publish-form [type=submit]";
    private static final String DATA = "#frames .field.data .field-value";

    private OpenPage page;

    @BeforeEach
    void openPage() {
        browser.emulate("light", 1_000, 2_400); // the frames are drawn only in view
        page = OpenPage.of(browser, Map.of("sse-hub.publish.anonymous-topics", "*", "sse-hub.feeds.time.enabled", "false"));
    }

    @AfterEach
    void closePage() {
        browser.emulate("light", 1_000, 700);
        page.close();
    }

    @Test
    void framesAreShownAsTextFieldByField() {
        page.publish("/books/1", "old", "before");
        page.fill("#subscribe-topics", "/books/{id}\n\n/other");
        browser.run("document.querySelector('#subscribe-from').value = 'earliest'");
        browser.click(SUBSCRIBE);
        page.awaitTexts(DATA, "before");
        page.publish("/books/2", "<b>new</b>", "<img src=x onerror=\"document.title='stolen'\">\n\u202Esecond");
        page.publish("/elsewhere", null, "not here");
        page.publish("/other", null, "last");

        page.awaitTexts(DATA, "last");
        assertThat(page.texts(DATA)).containsExactly("before", "<img src=x onerror=\"document.title='stolen'\">", "\u202Esecond",
                "last");
        assertThat(page.texts("#frames .field:nth-child(2) .field-value")).containsExactly("old", "<b>new</b>", "message");
        assertThat(page.texts("#frames .field:first-child .field-value")).allMatch(id -> id.matches("\\d+-\\d+"));
        assertThat(browser.run("return document.querySelectorAll('#frames :is(img, b)').length")).isEqualTo(0L);
        assertThat(browser.text("#frames-count")).isEqualTo("subscribed to 2 selectors, 3 received");
    }

    @Test
    void theFrameListPausesClearsStopsAndKeepsTheNewest() {
        page.fill("#subscribe-topics", "any");
        browser.click(SUBSCRIBE);
        await().atMost(OpenPage.PATIENCE).until(() -> {
            page.publish("any", null, "first");
            return page.texts(DATA).contains("first");
        });
        browser.click("#frames-pause");
        for (int i = 0; i < 600; i++) {
            page.publish("any", null, "held back");
        }
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#frames-count").matches(".* 6\\d\\d received, 500 held back"));
        assertThat(page.texts(DATA)).doesNotContain("held back");
        browser.click("#frames-pause");
        page.awaitTexts(DATA, "held back");
        browser.click("#frames-clear");
        assertThat(page.texts(DATA)).isEmpty();

        for (int i = 0; i < 700; i++) {
            page.publish("any", null, "event " + i);
        }
        page.awaitTexts(DATA, "event 699");
        assertThat(page.texts(DATA)).doesNotContain("event 0").endsWith("event 699");
        assertThat(page.texts("#frames li")).as("frames, and a row for those that were skipped").hasSize(500);
        browser.click("#subscribe-form [data-do=stop]");
        assertThat(browser.text("#frames-count")).startsWith("not subscribed");
        page.publish("any", null, "too late");
        browser.click(SUBSCRIBE);
        await().atMost(OpenPage.PATIENCE).until(() -> {
            page.publish("any", null, "again");
            return page.texts(DATA).contains("again");
        });
        assertThat(page.texts(DATA)).doesNotContain("too late");
    }

    @Test
    void theFormsReportWhatWasPublishedAndWhatWasRefused() {
        page.fill("#publish-topics", "a\nb");
        page.fill("#publish-id", "my-own");
        page.fill("#publish-type", "order");
        browser.click("#publish-end");
        browser.click(PUBLISH);
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#publish-form .answer").equals("Published as my-own"));
        assertThat(browser.await("return (await fetch('/sse?topic=a&lastEventID=my-own')).status")).as("the topic has ended")
                .isEqualTo(204L);
        browser.click("#publish-end");
        page.fill("#publish-type", "gap");
        browser.click(PUBLISH);
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#publish-form [role=alert]").startsWith("Refused, 400: the type must not be one"));
        assertThat(browser.text("#publish-form .answer")).isEmpty();

        page.fill("#subscribe-topics", "x".repeat(1_025));
        browser.click(SUBSCRIBE);
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#subscribe-form [role=alert]").startsWith("Refused: "));
        assertThat(browser.text("#subscribe-form [role=alert]")).as("the hub's own reason").contains("1024");
        assertThat(browser.text("#frames-count")).startsWith("not subscribed");
    }

    /** The shell and curl pass on any text unchanged. */
    @Test
    void theCopiedCommandsDoWhatTheFormsDo() throws IOException, InterruptedException {
        String topic = "@it's {a}/$HOME & 100% = \uD83C\uDF89";
        String[] lines = {"=it's \"quoted\" `id` $(id) $HOME !! \\ \\n \\\\", "@second", "", "a\ttab, %41 &data=x+y; #", "'",
                "it''s é"};
        page.fill("#publish-topics", topic + "\n@other");
        page.fill("#publish-data", String.join("\n", lines));
        page.fill("#publish-type", "it's");
        page.fill("#publish-id", "@'id");
        page.fill("#publish-retry", "1500");
        browser.click("#publish-private");
        assertThat(copied("#publish-form")).contains("--data-urlencode 'private=on'").doesNotContain("end=");
        browser.click("#publish-private");
        browser.click("#publish-end");
        String published = shell(copied("#publish-form").replaceFirst("^curl ", "curl -s "));
        assertThat(published).isEqualTo("@'id");

        page.fill("#subscribe-topics", topic);
        browser.run("document.querySelector('#subscribe-from').value = 'earliest'");
        String subscribe = copied("#subscribe-form");
        assertThat(subscribe).startsWith("curl -gN ");
        String stream = shell(subscribe.replaceFirst("^curl ", "curl -s --max-time 2 "));
        assertThat(stream).contains("id: @'id\n", "event: it's\n", "retry: 1500\n",
                "data: " + String.join("\ndata: ", lines) + "\n").endsWith(": end\n");
    }

    @Test
    void theCopyButtonWorksWithoutTheClipboardApi() {
        browser.run("Object.defineProperty(navigator, 'clipboard', { value: undefined });"
                + "document.execCommand = name => { window.copied = name + ': ' + getSelection(); return true; }");
        String command = copied("#publish-form");
        assertThat(browser.run("return window.copied")).isEqualTo("copy: " + command);
        assertThat(browser.text("#publish-form .copied p")).isEqualTo("Copied:");
    }

    private String copied(String form) {
        browser.click(form + " [data-do=copy]");
        page.awaitTrue("return document.querySelector(arguments[0] + ' .copied p').textContent !== ''", form);
        return browser.text(form + " .copied pre");
    }

    private static String shell(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return answer;
    }

    /** The hub requires a token for every request. */
    @Test
    void thePageUsesATokenOnceTheUserEntersOne() {
        page.close();
        Map<String, String> secured = Map.of("sse-hub.auth.key", "a secret that is long enough, just",
                "sse-hub.subscribe.anonymous",
                "false", "sse-hub.publish.anonymous-topics", "", "sse-hub.default-topics", "a");
        page = OpenPage.refused(browser, secured);
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#time .notice").contains("it takes a token to"));
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#state").equals("refused"));
        assertThat(browser.text("#away:not([hidden]) #reason")).isEqualTo("this hub requires a token");
        assertThat(browser.text("#example")).isEqualTo("curl -H \"Authorization: Bearer $TOKEN\" " + page.origin()
                + "/sse -d topic=chat -d 'data=Hello, world'");
        assertThat(browser.run("return document.querySelector('#countdown').checkVisibility()")).isEqualTo(false);
        assertThat(browser.run("return [...document.querySelectorAll('.empty')].filter(e => e.checkVisibility()).length"))
                .as("only the debugger says that it is waiting for events").isEqualTo(1L);
        assertThat(browser.accessibilityViolations()).isEmpty();
        page.fill("#token", "none");
        browser.click("#token-form [type=submit]");
        page.awaitTexts("#token-form .alert",
                "Refused: this is not a token: a signed JWT is three parts of base64url, separated by dots");
        assertThat(browser.run("return document.querySelector('#token').placeholder")).isEqualTo("the token in use was refused");
        browser.emulate("light", 1_000, 700);
        browser.run("document.activeElement.blur(); scrollTo(0, 0)");
        browser.click("#enter a");
        page.awaitTrue("""
                const field = document.querySelector('#token');
                return document.activeElement === field
                    && field.getBoundingClientRect().top > document.querySelector('#away').getBoundingClientRect().bottom""");
        browser.emulate("light", 1_000, 2_400);
        page.fill("#token",
                new TokenIssuer(HubConfig.load(null, Map.of(), secured).tokens().orElseThrow(), InstantSource.system())
                        .issue(new Grant(List.of(TopicSelector.parse("*")), List.of(TopicSelector.parse("*")), List.of()),
                                Duration.ofHours(1),
                                Optional.empty()));
        browser.click("#token-form [type=submit]");

        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#state").equals("live"));
        page.fill("#subscribe-topics", "any");
        browser.click(SUBSCRIBE);
        page.fill("#publish-topics", "any");
        await().atMost(OpenPage.PATIENCE).until(() -> {
            browser.click(PUBLISH);
            return page.texts(DATA).contains("Hello, world");
        });
        browser.click("#subscribe-form [data-do=copy]");
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#subscribe-form .copied pre").startsWith("curl"));
        assertThat(browser.text("#subscribe-form .copied pre")).contains("-H \"Authorization: Bearer $TOKEN\"");

        browser.click("#token-form [data-do=forget]");
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#time .notice").contains("it takes a token to"));
    }
}
