package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.ssehub.config.HubConfig;
import dev.ssehub.event.Update;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** sse-hub.js in module workers. Tabs and workers share one stream. */
class WorkerClientTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Starts a worker whose messages are collected in {@code window[name]}. */
    private static final String START = """
            const [kind, name, url] = arguments;
            const worker = kind === 'shared' ? new SharedWorker('/worker.js', { type: 'module', name })
                : new Worker(kind === 'blob' ? await blobOf('/worker.js') : '/worker.js', { type: 'module' });
            const port = worker.port ?? worker;
            const received = { port, worker, data: [], errors: [], state: null };
            window[name] = received;
            worker.onerror = ({ message }) => received.errors.push(message ?? 'the worker could not be loaded');
            const ready = new Promise((resolve) => {
              port.onmessage = ({ data: { data, error, state, ready } }) => {
                if (data !== undefined) received.data.push(data);
                if (error) received.errors.push(error);
                if (state) received.state = state;
                if (ready) resolve();
              };
            });
            port.postMessage({ url, topic: 'chat' });
            await ready;
            async function blobOf(path) {
              const text = (await (await fetch(path)).text()).replaceAll("'/static", `'${location.origin}/static`);
              return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
            }""";

    private static String firstTab;

    private FakeHub pages;
    private Application application;
    private String tab;

    @BeforeAll
    static void rememberFirstTab() {
        firstTab = browser.tab();
    }

    @BeforeEach
    void start() throws IOException {
        pages = new FakeHub(HttpExchange::close);
        application = Application.start(
                () -> HubConfig.load(null, Map.of(),
                        Map.of("server.host", "localhost", "server.port", "0", "sse-hub.feeds.time.enabled", "false",
                                "sse-hub.feeds.system.enabled", "false", "sse-hub.cors.allowed-origins", pages.origin())),
                Optional.empty(), Clock.system(ZoneId.systemDefault()));
        tab = browser.openTab(pages.origin() + "/empty");
    }

    @AfterEach
    void stop() {
        browser.closeTab(tab);
        browser.switchTo(firstTab);
        browser.console();
        browser.requests();
        application.close();
        pages.close();
    }

    @Test
    void aTabAndItsWorkersShareOneStream() {
        browser.await("""
                const { connect } = await import('/static/sse-hub.js');
                window.hub = connect(arguments[0]);
                window.got = [];
                await hub.subscribe('chat', (event) => got.push(event.data)).ready;""", hub());
        browser.await(START, "dedicated", "dedicated", hub());
        browser.await(START, "shared", "shared", hub());
        browser.await(START, "blob", "blob", hub());
        await().atMost(PATIENCE).until(() -> browser.run("return hub.state.tabs").equals(4L));
        assertThat(application.hub().subscribers()).isEqualTo(1);
        publish(0, 50);
        for (String name : List.of("dedicated", "shared", "blob")) {
            awaitReceived(name, 0, 50);
            assertThat(browser.run("return window[arguments[0]].errors", name)).isEqualTo(List.of());
        }
        await().atMost(PATIENCE).until(() -> browser.run("return got").equals(numbers(0, 50)));

        browser.run("hub.close(); dedicated.worker.terminate(); blob.worker.terminate()");
        await().atMost(PATIENCE).until(() -> browser.run("return shared.state.tabs === 1 && shared.state.leads").equals(true));
        publish(50, 100);
        awaitReceived("shared", 0, 100);
        await().atMost(PATIENCE).until(() -> application.hub().subscribers() == 1);
    }

    @Test
    void aWorkerThatLeadsResumesAfterAnOutage() {
        browser.await(START, "dedicated", "one", hub());
        browser.await(START, "shared", "two", hub());
        publish(0, 5);
        awaitReceived("two", 0, 5);
        browser.run("two.port.postMessage({ call: 'reconnect' })");
        int port = application.port();
        application.close();
        await().atMost(PATIENCE).until(() -> browser.run("return one.state.name").equals("waiting"));
        application = Application.start(
                () -> HubConfig.load(null, Map.of(),
                        Map.of("server.host", "localhost", "server.port", "" + port, "sse-hub.feeds.time.enabled", "false",
                                "sse-hub.feeds.system.enabled", "false", "sse-hub.cors.allowed-origins", pages.origin())),
                Optional.empty(), Clock.system(ZoneId.systemDefault()));
        await().atMost(PATIENCE).until(() -> browser.run("return one.state.name === 'live' && two.state.name === 'live'")
                .equals(true));
        publish(5, 10);
        for (String name : List.of("one", "two")) {
            await().atMost(PATIENCE).until(() -> ((List<?>) browser.run("return window[arguments[0]].data", name)).size() == 11);
            assertThat((List<?>) browser.run("return window[arguments[0]].data", name)).as("with a gap").asString()
                    .contains("requested").endsWith("5, 6, 7, 8, 9]");
        }
    }

    /** A path is resolved against the origin of the page, even in a worker made from a Blob, as some bundlers make them. */
    @Test
    void aPathIsEnough() {
        for (String kind : List.of("dedicated", "shared", "blob")) {
            Object found = browser.await("""
                    const [kind] = arguments;
                    const text = `import { connect } from '${location.origin}/static/sse-hub.js';
                        const serve = (port) => connect('/sse').publish({ topic: 'a' })
                            .catch(({ message }) => port.postMessage(message));
                        if ('onconnect' in self) self.onconnect = ({ ports: [port] }) => serve(port); else serve(self);`;
                    const url = kind === 'blob' ? URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
                        : `/worker.js?text=${encodeURIComponent(text)}`;
                    const worker = kind === 'shared' ? new SharedWorker(url, { type: 'module', name: 'path' })
                        : new Worker(url, { type: 'module' });
                    return new Promise((resolve, reject) => {
                      (worker.port ?? worker).onmessage = ({ data }) => resolve(data);
                      worker.onerror = ({ message }) => reject(message);
                      setTimeout(() => reject('no answer'), 5_000);
                    });""", kind);
            assertThat(found).as(kind).isEqualTo(pages.origin().substring("http://".length()) + " cannot be reached");
        }
    }

    private String hub() {
        return "http://localhost:" + application.port() + "/sse";
    }

    private void publish(int from, int to) {
        IntStream.range(from, to).forEach(i -> application.hub().publish(new Update("chat", "" + i)));
    }

    private static void awaitReceived(String worker, int from, int to) {
        await().atMost(PATIENCE).until(() -> browser.run("return window[arguments[0]].data", worker).equals(numbers(from, to)));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }
}
