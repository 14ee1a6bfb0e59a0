package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of the built jar in ten tabs of a real browser. */
class PageIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> tabs = new ArrayList<>();
    private Browser browser;
    private Process hub;
    private int port;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        browser = Browser.start();
        startHub();
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (hub != null) {
            hub.destroyForcibly();
        }
    }

    @Test
    void tenPagesStayLiveWhenTheHubIsKilledAndTabsAreClosed() throws Exception {
        for (int i = 0; i < 10; i++) {
            tabs.add(browser.openTab("http://localhost:" + port + "/"));
        }
        for (String tab : tabs) {
            awaitText(tab, "#state", "live");
            await().atMost(PATIENCE).until(() -> texts(tab, "#messages .message").size() >= 2);
            await().atMost(PATIENCE).until(() -> !texts(tab, "[data-value=cpu-system]").contains("–"));
            awaitText(tab, "[data-value=subscribers]", "1");
            awaitText(tab, "#tabs", "shared by 10 tabs");
            assertThat(browser.console()).isEmpty();
        }
        Files.writeString(folder.resolve("log"), "a line\nanother\n", StandardOpenOption.APPEND);
        sendChat(tabs.get(3), "before");
        for (String tab : tabs) {
            awaitText(tab, "#chat-messages .text", "before");
            awaitText(tab, "#log-lines .line", "another");
        }

        hub.destroyForcibly().waitFor(); // kill -9
        for (String tab : tabs) {
            awaitText(tab, "#state", "reconnecting");
        }
        startHub();
        for (String tab : tabs) {
            awaitText(tab, "#state", "live");
        }
        sendChat(tabs.get(5), "after the kill");
        for (String tab : tabs) {
            awaitText(tab, "#chat-messages .text", "after the kill");
            assertThat(texts(tab, "#chat-messages .gap")).hasSize(1);
            assertThat(texts(tab, "#chat-messages .text")).containsExactly("before", "after the kill");
        }

        browser.closeTab(tabs.removeFirst()); // the tab that reads the stream for all tabs
        String id = publish("after it was closed");
        assertThat(id).isNotEmpty();
        for (String tab : tabs) {
            awaitText(tab, "#chat-messages .text", "after it was closed");
            awaitText(tab, "#tabs", "shared by 9 tabs");
            assertThat(texts(tab, "#chat-messages .gap")).hasSize(1);
        }

        String reloaded = tabs.getLast();
        browser.switchTo(reloaded);
        browser.open("http://localhost:" + port + "/static/index.html");
        await().atMost(PATIENCE).until(() -> texts(reloaded, "#chat-messages .text")
                .equals(List.of("after the kill", "after it was closed")));
        await().atMost(PATIENCE).until(() -> texts(reloaded, "#messages .message").size() > 2);
    }

    private void startHub() throws IOException {
        Path log = folder.resolve("log");
        if (!Files.exists(log)) {
            Files.createFile(log);
        }
        hub = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-Dserver.port=" + port,
                "-Dsse-hub.feeds.log.enabled=true", "-Dsse-hub.feeds.log.file=" + log, "-jar", "target/sse-hub.jar")
                .redirectErrorStream(true).start();
        port = JarIT.awaitListening(hub.inputReader());
    }

    private void sendChat(String tab, String text) {
        browser.switchTo(tab);
        browser.type("#chat-text", text, "\n");
    }

    private String publish(String text) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/sse"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("topic=chat&data=" + text.replace(' ', '+'), UTF_8)).build(),
                    HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private List<String> texts(String tab, String selector) {
        browser.switchTo(tab);
        return browser.texts(selector).stream().map(String::valueOf).toList();
    }

    private void awaitText(String tab, String selector, String text) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(texts(tab, selector)).contains(text));
    }
}
