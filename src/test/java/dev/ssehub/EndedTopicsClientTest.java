package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import dev.ssehub.metrics.DisconnectReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics that end, in a real browser: with sse-hub.js, and with the browser's own EventSource. */
class EndedTopicsClientTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Application application;

    @BeforeEach
    void startHub() {
        Map<String, String> properties = Map.of("server.host", "localhost", "server.port", "0",
                "sse-hub.feeds.time.enabled", "false", "sse-hub.feeds.system.enabled", "false",
                "sse-hub.publish.anonymous-topics", "*");
        application = Application.start(() -> HubConfig.load(null, Map.of(), properties), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
        browser.open("http://localhost:" + application.port() + "/static/sse-hub.js");
        browser.await("""
                const { connect } = await import('/static/sse-hub.js');
                window.hub = connect('/sse');
                window.log = [];
                window.follow = (name, topics, options) => hub.subscribe(topics,
                    (event) => log.push(`${name} ${event.data}${event.end ? '.' : ''}${event.replayed ? ' again' : ''}`),
                    { ...options, onend: () => log.push(`${name} end`) });""");
    }

    @AfterEach
    void stopHub() {
        browser.run("hub.close()");
        browser.console();
        browser.requests();
        application.close();
    }

    private void publish(String topic, String data) {
        application.hub().publish(new Update(topic, data));
    }

    private void end(String topic, String data) {
        application.hub().publish(new Update(topic, data).ending());
    }

    private void follow(String name, Map<String, Object> options, String... topics) {
        browser.await("await follow(arguments[0], arguments[1], arguments[2]).ready", name, List.of(topics), options);
    }

    private List<String> log() {
        return ((List<?>) browser.run("return log")).stream().map(String::valueOf).toList();
    }

    private void awaitLog(String... lines) {
        await().atMost(PATIENCE).until(() -> log().size() >= lines.length);
        assertThat(log()).containsExactly(lines);
    }

    @Test
    void aSubscriptionEndsWithTheLastOfItsTopicsWhileOthersGoOn() {
        follow("chat", Map.of(), "chat");
        follow("all", Map.of(), "run/{id}");
        follow("runs", Map.of(), "run/1", "run/2");
        end("run/1", "1");
        publish("run/1", "2");
        end("run/2", "3");
        end("run/1", "4");
        await().atMost(PATIENCE).until(() -> log().contains("runs end"));
        publish("chat", "hello");
        publish("run/1", "opened again");
        await().atMost(PATIENCE).until(() -> log().contains("all opened again") && log().contains("chat hello"));
        assertThat(log().stream().filter(line -> line.startsWith("runs"))).containsExactly("runs 1.", "runs 2", "runs 3.",
                "runs 4.", "runs end");
        assertThat(log().stream().filter(line -> line.startsWith("all"))).containsExactly("all 1.", "all 2", "all 3.", "all 4.",
                "all opened again");
        assertThat(browser.run("return hub.state.name")).isEqualTo("live");
    }

    /** The shared stream ends, and nothing opens it again until somebody wants something else. */
    @Test
    void theStreamIsNotOpenedAgainWhenNothingCanFollow() {
        follow("run", Map.of(), "run/1");
        publish("run/1", "1");
        end("run/1", "2");
        awaitLog("run 1", "run 2.", "run end");
        await().atMost(PATIENCE).until(() -> browser.run("return hub.state.name").equals("idle"));
        assertThat(application.hub().subscribers()).isZero();
        follow("next", Map.of(), "chat");
        publish("chat", "hello");
        awaitLog("run 1", "run 2.", "run end", "next hello");
    }

    @Test
    void aLateSubscriptionGetsWhatItAsksForAndThenTheEnd() {
        publish("run/1", "1");
        publish("run/1", "2");
        end("run/1", "3");
        follow("new", Map.of(), "run/1");
        awaitLog("new 1 again", "new 2 again", "new 3. again", "new end");
        browser.run("log.length = 0");
        follow("chat", Map.of(), "chat");
        follow("since", Map.of("since", "earliest"), "run/1");
        awaitLog("since 1 again", "since 2 again", "since 3. again", "since end");
        browser.run("log.length = 0");
        follow("last", Map.of("last", 1), "run/1");
        awaitLog("last 3. again", "last end");
        browser.run("log.length = 0");
        follow("new", Map.of(), "run/1");
        awaitLog("new 1 again", "new 2 again", "new 3. again", "new end");
    }

    @Test
    void anEndDuringAnOutageIsTold() {
        follow("chat", Map.of(), "chat");
        follow("run", Map.of(), "run/1");
        publish("run/1", "1");
        awaitLog("run 1");
        application.hub().streams().forEach(stream -> stream.abort(DisconnectReason.OPERATOR));
        end("run/1", "2");
        awaitLog("run 1", "run 2.", "run end");
    }

    @Test
    void aPagePublishesTheEnd() {
        follow("run", Map.of(), "run/1");
        browser.await("await hub.publish({ topic: 'run/1', data: 'last', end: true })");
        awaitLog("run last.", "run end");
    }

    /** The browser reconnects once, and stops for good at the 204. */
    @Test
    void anEventSourceStopsForGood() {
        publish("run/1", "1");
        browser.run("""
                window.source = new EventSource('/sse?topic=run/1');
                source.onopen = () => log.push('open');
                source.onmessage = ({ data }) => log.push(data);
                source.onerror = () => log.push(source.readyState === EventSource.CLOSED ? 'closed' : 'reconnects');""");
        await().atMost(PATIENCE).until(() -> log().contains("open"));
        publish("run/1", "2");
        application.hub().publish(new Update(List.of("run/1"), "3", null, "same", 100L, false).ending());
        application.hub().publish(new Update(List.of("chat"), "x", null, "same", null, false)); // the id is ambiguous now
        awaitLog("open", "2", "3", "reconnects", "closed");
    }
}
