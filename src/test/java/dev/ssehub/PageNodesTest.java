package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.Leases;
import dev.ssehub.cluster.Peers;
import dev.ssehub.cluster.Presence;
import dev.ssehub.cluster.Rates;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.SseClient;
import dev.ssehub.server.TestHub;
import dev.ssehub.server.TestSettings;
import dev.ssehub.tracing.Tracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator's page of a hub with several nodes, one of which does not answer, in a real browser. */
class PageNodesTest extends BrowserTest {
    private static final String SILENT = "hub-3-silent";

    private final Map<String, UnaryOperator<String>> answers = new TreeMap<>();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** A node asks the others without a network. */
    private final class DirectPeers implements Peers {
        private final String own;

        DirectPeers(String own) {
            this.own = own;
        }

        @Override
        public List<String> others() {
            return Stream.concat(answers.keySet().stream(), Stream.of(SILENT)).filter(name -> !name.equals(own)).toList();
        }

        @Override
        public Replies ask(Collection<String> nodes, String question) {
            Replies all = new Replies(new TreeMap<>(), new TreeMap<>());
            nodes.forEach(name -> Optional.ofNullable(answers.get(name)).ifPresentOrElse(
                    node -> all.byNode().put(name, node.apply(question)),
                    () -> all.missing().put(name, "it has not answered within 2 seconds")));
            return all;
        }

        @Override
        public void answerWith(UnaryOperator<String> answer) {
            answers.put(own, answer);
        }
    }

    private record Node(Hub hub, HubServer server) {}

    private Node start(String name) throws IOException {
        Hub hub = TestHub.create();
        opened.push(hub);
        TestSettings settings = new TestSettings();
        settings.operatesOnLoopback = true;
        HubServer server = HubServer.start(settings.build(), hub, new Cluster(name, Presence.ALONE, new DirectPeers(name),
                Leases.ALONE, Rates.ALONE), TestHub.open(), new Meters(), Tracing.NONE);
        opened.push(server);
        return new Node(hub, server);
    }

    private void subscribe(Node node, String topic) throws IOException {
        SseClient stream = new SseClient(node.server().port(), "/sse?topic=" + topic);
        stream.nextFrame();
        opened.push(stream);
    }

    @AfterEach
    void stop() throws Exception {
        browser.open("about:blank");
        browser.emulate("light", 1_000, 700);
        for (AutoCloseable one : opened) {
            one.close();
        }
        assertThat(browser.console()).noneMatch(line -> line.contains("Content Security Policy") || line.contains("Uncaught"));
        browser.requests();
    }

    private static List<String> texts(String selector) {
        return browser.texts(selector).stream().map(Objects::toString).toList();
    }

    private static void awaitTexts(String selector, String... expected) {
        await().atMost(OpenPage.PATIENCE).untilAsserted(() -> assertThat(texts(selector)).containsExactly(expected));
    }

    @Test
    void showsTheNodesAndTheirStreams() throws Exception {
        Node first = start("hub-1");
        Node second = start("hub-2");
        subscribe(first, "chat");
        subscribe(second, "chat");
        subscribe(second, "orders");
        first.hub().publish(new Update("chat", "text"));
        browser.open("http://localhost:" + first.server().port() + "/static/ops.html");

        awaitTexts("#nodes td[data-name=Node]", "hub-1", "hub-2", SILENT);
        assertThat(texts("#nodes .mark")).containsExactly("answers", "answers", "no answer");
        assertThat(texts("#nodes td[data-name='Open streams']")).containsExactly("1", "2", "–");
        assertThat(texts("#nodes td[data-name='Newest event']")).element(1).isEqualTo("none");
        assertThat(texts("#nodes option")).containsExactly("all nodes", "hub-1", "hub-2", SILENT);
        assertThat(browser.text("#streams .count")).isEqualTo("3");
        assertThat(browser.text("#streams .alert"))
                .isEqualTo("No answer from hub-3-silent: it has not answered within 2 seconds.");
        for (int width : List.of(1_280, 390)) {
            browser.emulate("light", width, 844);
            assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth")).as("width %d", width)
                    .isEqualTo(true);
            assertThat(PageLayoutTest.tooSmall()).as("width %d", width).isEqualTo(List.of());
        }
        assertThat(browser.accessibilityViolations()).isEmpty();

        browser.emulate("light", 1_280, 844);
        browser.run("const choice = document.querySelector('#nodes select'); choice.value = 'hub-2';"
                + "choice.dispatchEvent(new Event('change'))");
        awaitTexts("#streams td.node", "hub-2", "hub-2");
        awaitTexts("#nodes td[data-name=Node]", "hub-2");
        assertThat(texts("#nodes option")).as("the others can still be chosen").hasSize(4);
        assertThat(browser.text("#streams .alert")).isEmpty();

        browser.click("#streams td button");
        awaitTexts("#ending label", "This stream of 127.0.0.1");
        browser.click("#ending [value=end]");
        await().atMost(OpenPage.PATIENCE).until(() -> second.hub().subscribers() == 1);
        awaitTexts("#streams .answer", "1 stream was ended; no answer from hub-3-silent");
    }

    @Test
    void aSingleNodeIsNotMentioned() throws Exception {
        Hub hub = TestHub.create();
        opened.push(hub);
        TestSettings settings = new TestSettings();
        settings.operatesOnLoopback = true;
        HubServer server = TestHub.serve(hub, settings);
        opened.push(server);
        subscribe(new Node(hub, server), "chat");
        browser.open("http://localhost:" + server.port() + "/static/ops.html");

        awaitTexts("#streams tbody td.node", "1");
        assertThat(browser.run("return getComputedStyle(document.querySelector('#streams td.node')).display")).isEqualTo("none");
        assertThat(browser.run("return document.querySelector('#nodes').hidden")).isEqualTo(true);
    }
}
