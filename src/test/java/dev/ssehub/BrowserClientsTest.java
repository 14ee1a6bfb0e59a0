package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The EventSource of a browser, and packages of npm that replace it. */
class BrowserClientsTest extends BrowserTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private DistantHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new DistantHub();
        browser.open(hub.url("/static/page.css"));
        browser.run("""
                window.got = {};
                window.record = (name, source) => {
                    const lines = got[name] = [];
                    const write = (event) =>
                        lines.push(`event ${event.lastEventId} ${event.type} ${JSON.stringify(event.data)}`);
                    source.addEventListener('open', () => lines.push('open'));
                    source.addEventListener('error', () => lines.push('end'));
                    ['message', 'order', 'gap'].forEach((type) => source.addEventListener(type, write));
                };
                """);
    }

    @AfterEach
    void stop() throws IOException {
        browser.open("about:blank");
        hub.close();
    }

    @Test
    void noClientLosesAnEvent() throws Exception {
        List<ClientScenario.Client> clients = List.of(eventSource(), fetchEventSource(), eventSourcePolyfill(),
                reconnectingEventSource());

        ClientScenario.run(hub, clients);
    }

    @Test
    void anEventSourceThatHasReceivedNothingKnowsWhereToContinue() throws Exception {
        ClientScenario.Client client = eventSource();
        assertThat(client.next()).isEqualTo("open");

        hub.cut();
        String id = hub.publish("topic", "chat", "data", "while it was away");
        assertThat(client.next()).isEqualTo("end");
        hub.mend();

        await().atMost(PATIENCE).until(() -> client.next().equals("event " + id + " message \"while it was away\""));
    }

    private ClientScenario.Client eventSource() {
        browser.run("record('native', new EventSource(arguments[0]))", ClientScenario.TARGET);
        return new PageClient("native");
    }

    private ClientScenario.Client eventSourcePolyfill() throws Exception {
        browser.run(ClientProgram.nodePackage("event-source-polyfill/src/eventsource.js")
                + "\nrecord('polyfill', new EventSourcePolyfill(arguments[0]))", ClientScenario.TARGET);
        return new PageClient("polyfill");
    }

    private ClientScenario.Client reconnectingEventSource() throws Exception {
        browser.run(ClientProgram.nodePackage("reconnecting-eventsource/dist/ReconnectingEventSource.min.js") + """

                const source = new ReconnectingEventSource(arguments[0]);
                record('reconnecting', source);
                // it calls these functions, but no listeners
                source.onopen = () => got.reconnecting.push('open');
                source.onerror = () => got.reconnecting.push('end');
                """, ClientScenario.TARGET);
        return new PageClient("reconnecting");
    }

    private ClientScenario.Client fetchEventSource() throws Exception {
        browser.run("""
                const parse = {};
                const fetching = {};
                ((exports) => {
                """ + ClientProgram.nodePackage("@microsoft/fetch-event-source/lib/cjs/parse.js") + """

                })(parse);
                ((exports, require) => {
                """ + ClientProgram.nodePackage("@microsoft/fetch-event-source/lib/cjs/fetch.js") + """

                })(fetching, () => parse);
                const lines = got.fetching = [];
                fetching.fetchEventSource(arguments[0], {
                    openWhenHidden: true,
                    onopen: async () => { lines.push('open'); },
                    onmessage: (event) =>
                        lines.push(`event ${event.id} ${event.event || 'message'} ${JSON.stringify(event.data)}`),
                    onerror: () => { lines.push('end'); },
                });
                """, ClientScenario.TARGET);
        return new PageClient("fetching");
    }

    /** Reads the lines that a client has recorded in the page. */
    private static final class PageClient implements ClientScenario.Client {
        private final String name;
        private int read;

        private PageClient(String name) {
            this.name = name;
        }

        @Override
        public String next() {
            await().alias(name).atMost(PATIENCE).pollInterval(Duration.ofMillis(20))
                    .until(() -> line() != null);
            String line = line();
            read++;
            return line;
        }

        private String line() {
            return (String) browser.run("return got[arguments[0]][arguments[1]]", name, read);
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
