package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page as a user sees it, in a real browser and with a real hub. */
class PageTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String TICK = "Server time: \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)";

    private Application application;

    @BeforeEach
    void startHub() {
        application = start(Map.of());
    }

    @AfterEach
    void stopHub() {
        browser.open("about:blank");
        browser.console();
        browser.requests();
        application.close();
    }

    @Test
    void thePageShowsTicksReportsAnOutageAndReconnectsByItself() throws IOException {
        browser.open(origin() + "/");
        await().atMost(PATIENCE).until(() -> messages().size() >= 3);
        assertThat(messages()).allMatch(message -> message.matches(TICK)).doesNotHaveDuplicates();
        assertThat(browser.text("#state")).isEqualTo("live");
        assertThat(browser.console()).isEmpty();
        assertThat(browser.requests()).isNotEmpty().allMatch(url -> url.startsWith(origin() + "/"));
        Files.write(Path.of("target/page.png"), browser.screenshot());

        int port = application.port();
        application.close();
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("reconnecting"));
        assertThat(browser.text("#reason")).isNotEmpty();
        assertThat(browser.text("#countdown")).matches("reconnecting in \\d s|reconnecting …");
        int before = messages().size();
        application = start(Map.of("server.port", "" + port));

        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        await().atMost(PATIENCE).until(() -> messages().size() >= before + 3);
        assertThat(messages()).allMatch(message -> message.matches(TICK)).doesNotHaveDuplicates();
        assertThat(browser.texts("#messages li.gap")).as("the new process does not have the events of the old one").hasSize(1);
    }

    @Test
    void thePageShowsMarkupAsText() {
        browser.open(origin() + "/static/");
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        String hostile = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>\u202E\n&amp;";
        application.hub().publish(new Update("time", hostile));

        await().atMost(PATIENCE).until(() -> messages().contains(hostile));
        assertThat(browser.run("return document.querySelectorAll('#messages *:not(li)').length")).isEqualTo(0L);
        assertThat(browser.run("return document.title")).isEqualTo("sse-hub");
    }

    @Test
    void theMessageListKeepsTheNewestInViewAndDropsTheOldest() {
        browser.open(origin() + "/static/index.html");
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        for (int i = 0; i < 1_000; i++) {
            application.hub().publish(new Update("time", "message " + i));
        }
        await().atMost(PATIENCE).until(() -> messages().contains("message 999"));
        assertThat(messages().size()).isBetween(100, 500);
        assertThat(browser.run("const list = document.querySelector('#messages').getBoundingClientRect();"
                + "const last = document.querySelector('#messages li:last-child').getBoundingClientRect();"
                + "return last.bottom <= list.bottom && last.top >= list.top")).isEqualTo(true);

        // a new message does not scroll the list when the user has scrolled up
        browser.run("document.querySelector('#messages').scrollTop = 0");
        application.hub().publish(new Update("time", "one more"));
        await().atMost(PATIENCE).until(() -> messages().contains("one more"));
        assertThat((Long) browser.run("return Math.round(document.querySelector('#messages').scrollTop)")).isLessThan(50);
    }

    @Test
    void thePageUsesTheConfiguredPathOfTheHub() {
        application.close();
        application = start(Map.of("sse-hub.path", "/my/events"));
        browser.open(origin() + "/");
        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        assertThat(browser.requests()).anyMatch(url -> url.startsWith(origin() + "/my/events?"))
                .noneMatch(url -> url.startsWith(origin() + "/sse?"));
    }

    /** A proxy answers 502 in place of the hub: EventSource gives up then, but the page reconnects. */
    @Test
    void thePageReconnectsAndResumesWhereEventSourceGivesUp() throws Exception {
        browser.open(origin() + "/");
        await().atMost(PATIENCE).until(() -> messages().size() >= 2);
        int port = application.port();
        application.close();
        HttpServer proxy = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        CountDownLatch refused = new CountDownLatch(1);
        proxy.createContext("/", exchange -> {
            exchange.sendResponseHeaders(502, -1);
            exchange.close();
            refused.countDown();
        });
        proxy.start();
        assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
        proxy.stop(0);
        browser.requests();
        application = start(Map.of("server.port", "" + port));

        await().atMost(PATIENCE).until(() -> browser.text("#state").equals("live"));
        assertThat(browser.requests())
                .anyMatch(url -> url.matches(".*/sse\\?topic=.*&explain=true&checkpoints=true&_=\\w+&lastEventID=\\d+-\\d+"));
        await().atMost(PATIENCE).until(() -> browser.texts("#messages li.gap").size() == 1);
        int before = messages().size();
        await().atMost(PATIENCE).until(() -> messages().size() > before + 1);
        assertThat(browser.texts("#messages li.gap")).hasSize(1);
    }

    @Test
    void theClientOfATutorialWorksUnchanged() {
        browser.ignoreContentPolicy(true); // a tutorial's own server sends no policy
        browser.open(origin() + "/sse?topic="); // any document of this origin will do, as it is replaced
        browser.console();
        browser.run("document.open(); document.write(arguments[0]); document.close();", """
                <!DOCTYPE html>
                <html><body><ul id="list"></ul><script>
                const source = new EventSource('/sse');
                source.onmessage = function (event) {
                  const item = document.createElement('li');
                  item.innerText = event.data;
                  document.getElementById('list').appendChild(item);
                };
                source.onerror = function (error) { console.error('EventSource failed:', error); };
                </script></body></html>
                """);
        await().atMost(PATIENCE).until(() -> browser.texts("#list li").size() >= 3);
        assertThat(browser.texts("#list li")).allMatch(message -> message.toString().matches(TICK));
        assertThat(browser.console()).isEmpty();
        browser.ignoreContentPolicy(false);
    }

    /** The browser's own decoder is the reference for the frames. */
    @Test
    void theBrowserDecodesEveryPublishedText() {
        browser.open(origin() + "/static/page.css");
        browser.run("window.got = []; const s = new EventSource('/sse?topic=any'); s.onopen = () => window.open1 = true;"
                + "s.onmessage = e => got.push(e.data)");
        await().atMost(PATIENCE).until(() -> Boolean.TRUE.equals(browser.run("return window.open1 === true")));
        List<String> expected = new ArrayList<>();
        Random random = new Random(20_261_122);
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(20); length > 0; length--) {
                switch (random.nextInt(4)) {
                    case 0 -> text.append(List.of("\n", "\r", "\r\n", " ", ":", "\0", "\uFEFF", "data:").get(random.nextInt(8)));
                    case 1 -> text.append((char) random.nextInt(0x80));
                    case 2 -> text.append((char) random.nextInt(0xD800));
                    default -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
                }
            }
            application.hub().publish(new Update("any", text.toString()));
            expected.add(text.toString().replace("\r\n", "\n").replace('\r', '\n'));
        }
        await().atMost(PATIENCE).until(() -> browser.run("return got.length").equals(500L));
        assertThat(browser.run("return got")).isEqualTo(expected);
    }

    private String origin() {
        return "http://127.0.0.1:" + application.port();
    }

    private List<String> messages() {
        return browser.texts("#messages li.message").stream().map(Object::toString).toList();
    }

    private static Application start(Map<String, String> settings) {
        Map<String, String> properties = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0"));
        properties.putAll(settings);
        return Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
    }
}
