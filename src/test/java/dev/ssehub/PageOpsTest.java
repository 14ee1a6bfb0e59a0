package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.auth.Grant;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import dev.ssehub.server.SseClient;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The operator's page in a real browser. */
class PageOpsTest extends BrowserTest {
    private static final int STREAMS = 20_000;

    private final Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0",
            "sse-hub.auth.key", "a secret that is long enough, just",
            "sse-hub.feeds.system.enabled", "false", "sse-hub.feeds.time.enabled", "false"));
    private final List<SseClient> clients = new ArrayList<>();
    private Application hub;

    private void start(String loopback) {
        properties.put("sse-hub.operate.loopback", loopback);
        hub = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(), Clock.systemUTC());
    }

    @AfterEach
    void stop() throws IOException {
        browser.run("sessionStorage.clear()");
        browser.open("about:blank");
        browser.emulate("light", 1_000, 700);
        for (SseClient client : clients) {
            client.close();
        }
        assertThat(browser.console()).noneMatch(line -> line.contains("Content Security Policy") || line.contains("Uncaught"));
        browser.requests();
        hub.close();
    }

    private void open() {
        browser.open("http://127.0.0.1:" + hub.port() + "/static/ops.html");
    }

    private String token(Grant grant, String subject) {
        return new TokenIssuer(HubConfig.load(null, Map.of(), properties).tokens().orElseThrow(), InstantSource.system())
                .issue(grant, Duration.ofHours(1), Optional.of(subject));
    }

    private SseClient subscribe(String subject) throws IOException {
        SseClient client = new SseClient(hub.port(), "/sse?topic=chat&topic=%2Forders%2F%7Bid%7D",
                "Authorization: Bearer " + token(Grant.NONE, subject));
        client.nextFrame();
        clients.add(client);
        return client;
    }

    private void awaitText(String selector, String expected) {
        await().atMost(OpenPage.PATIENCE).untilAsserted(() -> assertThat(texts(selector)).contains(expected));
    }

    private static List<String> texts(String selector) {
        return browser.texts(selector).stream().map(Objects::toString).toList();
    }

    @Test
    void endsTheStreamsOfASubjectByKeyboard() throws Exception {
        start("true");
        subscribe("alice");
        subscribe("alice");
        subscribe("bob");
        open();
        awaitText("#streams .count", "3");
        browser.type("#streams [name=subject]", "alice\n");
        awaitText("#streams .count", "3, 2 match");

        browser.click("#streams td button");
        awaitText("#ending label", "This stream of 127.0.0.1");
        browser.click("#ending [value='']");
        assertThat(browser.run("return document.querySelector('#ending').open")).isEqualTo(false);
        assertThat(browser.run("return document.activeElement.textContent")).isEqualTo("End");
        assertThat(hub.hub().subscribers()).as("the dialog was cancelled").isEqualTo(3);

        browser.type("#streams td button", Keys.ENTER);
        awaitText("#ending label", "All streams of the subject alice");
        browser.type("#ending [name=which]", Keys.ARROW_DOWN);
        browser.type("#ending [value=end]", Keys.ENTER);

        awaitText("#streams .answer", "2 streams were ended");
        await().atMost(OpenPage.PATIENCE).until(() -> hub.hub().subscribers() == 1);
        assertThat(clients.getFirst().nextFrame()).contains("an operator has ended this stream");
        browser.click("#ended button[type=submit]");
        awaitText("#ended td[data-name=Reason]", "operator");
        assertThat(browser.run("return document.querySelector('#ending').open")).isEqualTo(false);
    }

    @Test
    void asksForATokenAndUsesIt() throws Exception {
        start("false");
        open();
        awaitText("#state", "refused");
        assertThat(browser.text("#access .alert")).startsWith("It takes a token with the claim sse-hub.operate: true");

        browser.type("#token", token(Grant.NONE, "alice") + "\n");
        await().atMost(OpenPage.PATIENCE)
                .until(() -> browser.text("#access .alert").startsWith("The token does not have the claim"));
        browser.type("#token", token(new Grant(List.of(), List.of(), List.of(), true), "alice") + "\n");
        awaitText("#state", "up to date");
        assertThat(browser.text("#streams .count")).isEqualTo("0");

        open();
        awaitText("#state", "up to date");
        browser.click("#access [data-do=forget]");
        awaitText("#state", "refused");
    }

    @Test
    void saysWhatBecameOfAnEvent() throws Exception {
        start("true");
        SseClient reader = subscribe("alice");
        String id = hub.hub().publish(new Update(List.of("chat"), "secret <b>", null, "an/id <i>", null, true));
        String open = hub.hub().publish(new Update("chat", "for all"));
        reader.nextFrame();
        open();
        browser.type("#event [name=id]", id + "\n");
        awaitText("#event td[data-name=Outcome]", "filtered");
        assertThat(browser.text("#event .about")).startsWith("an/id <i>: published ").endsWith(" to chat; private");

        browser.run("document.querySelector('#event [name=id]').value = ''");
        browser.type("#event [name=id]", open + "\n");
        awaitText("#event td[data-name=Outcome]", "written");
        for (int width : List.of(1_280, 390)) {
            browser.emulate("dark", width, 844);
            assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth")).as("width %d", width)
                    .isEqualTo(true);
            assertThat(PageLayoutTest.tooSmall()).as("width %d", width).isEqualTo(List.of());
        }
        assertThat(browser.accessibilityViolations()).isEmpty();
        browser.type("#event [name=id]", "x\n");
        await().atMost(OpenPage.PATIENCE).until(() -> browser.text("#event .alert").startsWith("No event with the id"));
    }

    @Test
    void showsManyStreamsPageByPage() throws Exception {
        start("true");
        for (int number = 0; number < STREAMS; number++) {
            InetAddress address = InetAddress.getByAddress(new byte[]{10, 0, (byte) (number >> 8), (byte) number});
            Subscriber subscriber = hub.hub().subscribe(
                    new Subscription(List.of(TopicSelector.parse("/users/" + number)), new Permission(List.of(), null), null,
                            true,
                            false, false, 0, new Opening.Client(address, "user " + number)),
                    _ -> {});
            subscriber.drain(_ -> {}, () -> {});
        }
        open();
        awaitText("#streams .count", "20,000");
        browser.click("#streams th[data-sort=address] button");
        awaitText("#streams td[data-name=Client]", "10.0.0.0user 0");
        assertThat(texts("#streams tbody tr")).hasSize(50);
        browser.click("#streams .pages button[data-to=Next]");
        awaitText("#streams .pages p", "51 to 100 of 20,000");
        assertThat(texts("#streams td[data-name=Client]")).contains("10.0.0.50user 50");
    }
}
