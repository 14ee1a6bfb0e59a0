package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answer of the page that comes word by word: in two tabs, through a reload and a restart of the hub, to its end or a stop. */
class PageAnswerTest extends BrowserTest {
    // Words come when the test moves the clock: the interval between them is longer than the test.

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final String TEXT = text();
    private static final int WORDS = TEXT.split("\\s+").length;

    @TempDir
    private Path folder;
    private final MovedClock clock = new MovedClock();
    private final Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0",
            "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false", "sse-hub.feeds.answers.interval",
            "" + INTERVAL, "sse-hub.history.max-age", "1d", "sse-hub.drain.retry-spread", "0s", "sse-hub.retry", "10ms"));
    private Application hub;
    private String firstTab;

    private static final class MovedClock extends Clock {
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneId.systemDefault();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    private static String text() {
        try (InputStream text = PageAnswerTest.class.getResourceAsStream("feed/answer.txt")) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void openPage() {
        start();
        firstTab = browser.tab();
        browser.open(origin() + "/");
    }

    @AfterEach
    void closePage() {
        browser.open("about:blank");
        browser.console();
        browser.requests();
        hub.close();
    }

    private void start() {
        hub = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(), clock);
    }

    private void restart() {
        properties.put("server.port", "" + hub.port());
        hub.close();
        start();
    }

    private String origin() {
        return "http://127.0.0.1:" + hub.port();
    }

    private void move(int words) {
        clock.ahead = clock.ahead.plus(INTERVAL.multipliedBy(words));
    }

    private static String words(int count) {
        Matcher words = Pattern.compile("(\\S+\\s*){" + count + "}").matcher(TEXT);
        assertThat(words.lookingAt()).isTrue();
        return words.group();
    }

    private static int shown() {
        return browser.text("#answer-text").split("\\s+").length;
    }

    /** Waits until the words are shown, and no others. */
    private void awaitWords(int least) {
        await().atMost(OpenPage.PATIENCE).until(() -> shown() >= least);
        assertThat(browser.text("#answer-text")).isEqualTo(words(shown()));
    }

    private void awaitState(String state) {
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#answer-state").equals(state));
    }

    private void ask() {
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#state").equals("live")); // the scripts have run
        browser.click("#answer-ask");
        awaitState("streaming");
    }

    private String answer() {
        return String.valueOf(browser.run("return location.href"));
    }

    @Test
    void goesOnInTwoTabsThroughAReloadAndARestart() throws IOException {
        ask();
        move(20);
        awaitWords(20);
        String second = browser.openTab(answer());
        try {
            awaitWords(20);
            awaitState("streaming");
            move(20);
            awaitWords(40);
            browser.switchTo(firstTab);
            awaitWords(40);
            browser.open(answer());
            awaitWords(40);
            move(20);
            awaitWords(60);

            restart();
            move(20);
            awaitWords(80);
            browser.open(answer()); // the hub has had the first words twice
            awaitWords(80);
            browser.switchTo(second);
            awaitWords(80);
            assertThat(browser.text("#answer-state")).isEqualTo("streaming");

            move(WORDS);
            awaitState("complete: " + WORDS + " words");
            assertThat(browser.text("#answer-text")).isEqualTo(TEXT);
        } finally {
            browser.closeTab(second);
            browser.switchTo(firstTab);
        }
        awaitState("complete: " + WORDS + " words");
        assertThat(browser.text("#answer-text")).isEqualTo(TEXT);
        browser.open(answer());
        awaitState("complete: " + WORDS + " words");
        assertThat(browser.text("#answer-text")).isEqualTo(TEXT);
        assertThat(browser.run("return document.querySelector('#answer-stop').disabled")).isEqualTo(true);
    }

    @Test
    void goesOnWithAPastInAFileAndStopsInAllTabs() {
        hub.close();
        properties.put("sse-hub.history.file", folder.resolve("history.db").toString());
        start();
        browser.open(origin() + "/");
        ask();
        move(30);
        awaitWords(30);
        restart();
        move(10);
        awaitWords(40);
        String second = browser.openTab(answer());
        try {
            awaitWords(40);
            awaitState("streaming");
            browser.click("#answer-stop");
            awaitState("stopped after " + shown() + " words");
            browser.switchTo(firstTab);
            awaitState("stopped after " + shown() + " words");
            assertThat(browser.text("#answer-text")).isEqualTo(words(shown()));
            assertThat(PageLayoutTest.tooSmall()).isEqualTo(List.of());
            assertThat(shown()).isLessThan(WORDS);
        } finally {
            browser.closeTab(second);
            browser.switchTo(firstTab);
        }
    }

    @Test
    void saysWhyNothingIsWritten() {
        browser.open(origin() + "/static/?answer=" + Long.toString(clock.millis() + 600_000, 36) + "-abcd");
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#answer .alert")
                .startsWith("The answer does not go on: this answer has not begun"));
        for (int i = 0; i < 16; i++) {
            browser.await("const answer = await fetch('answers', { method: 'POST' });"
                    + "if (answer.status !== 201) throw await answer.text();");
        }
        browser.click("#answer-ask");
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#answer .alert")
                .equals("Not asked: the hub writes up to 16 answers at a time"));
    }

    /** Others may publish to the topic, too. */
    @Test
    void showsForeignWordsAsText() {
        ask();
        String run = answer().replaceFirst(".*answer=([^#]*).*", "$1");
        String topic = "answers/" + run;
        for (String data : List.of("\"<b>bold</b> \"", "no JSON", "{}", "\"late\"")) {
            hub.hub().publish(new Update(List.of(topic), data, null,
                    run + "/" + (data.equals("\"late\"") ? 3 : data.startsWith("\"") ? 0 : 1), null, false));
        }
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#answer-text").equals("<b>bold</b> … … late"));
        hub.hub().publish(new Update(List.of(topic), "", "end", null, null, false).ending());
        awaitState("complete: 4 words");
    }
}
