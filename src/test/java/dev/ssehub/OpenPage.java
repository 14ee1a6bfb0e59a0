package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;

/** A hub, and its page in a browser. */
final class OpenPage implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Browser browser;
    private final Map<String, String> properties;
    private final int port;
    private Application hub;

    private OpenPage(Browser browser, Map<String, String> properties) {
        this.browser = browser;
        this.properties = properties;
        this.hub = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
        this.port = hub.port();
    }

    /** Starts a hub with these settings, opens its page and waits until the page is live. */
    static OpenPage of(Browser browser, Map<String, String> settings) {
        Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0"));
        properties.putAll(settings);
        OpenPage page = new OpenPage(browser, properties);
        page.open();
        return page;
    }

    /** Starts a hub that refuses the page's requests, and opens the page without waiting. */
    static OpenPage refused(Browser browser, Map<String, String> settings) {
        Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0"));
        properties.putAll(settings);
        OpenPage page = new OpenPage(browser, properties);
        browser.open(page.origin() + "/");
        return page;
    }

    /** Opens the page again and waits until it is live. */
    void open() {
        browser.open(origin() + "/");
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        awaitTrue("return document.querySelectorAll('[aria-busy]').length === 0");
    }

    String origin() {
        return "http://127.0.0.1:" + port;
    }

    void stopHub() {
        hub.close();
    }

    /** Starts the hub again on the same port. */
    void startHub() {
        properties.put("server.port", "" + port);
        hub = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
    }

    void publish(String topic, String type, String data) {
        hub.hub().publish(new Update(List.of(topic), data, type, null, null, false));
    }

    List<String> texts(String selector) {
        return browser.texts(selector).stream().map(Objects::toString).toList();
    }

    /** Sets the value of a field directly, because some characters cannot be typed. */
    void fill(String selector, String value) {
        browser.run("document.querySelector(arguments[0]).value = arguments[1]", selector, value);
    }

    void awaitTexts(String selector, String... expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(texts(selector)).contains(expected));
    }

    void awaitTrue(String script, Object... arguments) {
        await().atMost(PATIENCE).until(() -> Boolean.TRUE.equals(browser.run(script, arguments)));
    }

    /** Leaves the page to end its connections, clears the browser's logs for the next test, and stops the hub. */
    @Override
    public void close() {
        browser.run("localStorage.clear()");
        browser.open("about:blank");
        browser.console();
        browser.requests();
        hub.close();
    }
}
