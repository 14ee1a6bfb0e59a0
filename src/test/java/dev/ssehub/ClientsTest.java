package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.config.HubConfig;
import dev.ssehub.server.Relay;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Third-party clients. Each one subscribes, receives, loses the network, reconnects, and has lost no event. */
class ClientsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final File NODE = new File("src/test/node");

    private final HttpClient publisher = HttpClient.newHttpClient();
    private Application application;
    private Relay network;

    @BeforeEach
    void start() throws IOException {
        application = Application.start(HubConfig.load(null, Map.of(), Map.of("server.host", "127.0.0.1", "server.port", "0",
                "sse-hub.retry", "PT0.2S", "sse-hub.publish.anonymous-topics", "chat, /orders/{id}, other")), Optional.empty(),
                Clock.system(ZoneId.systemDefault()));
        network = new Relay(application.port());
    }

    @AfterEach
    void stop() throws IOException {
        network.close();
        application.close();
        publisher.close();
    }

    @Test
    void theEventSourceOfABrowserLosesNoEvent() throws Exception {
        try (Browser browser = Browser.start()) {
            browser.open("http://127.0.0.1:" + network.port() + "/static/page.css");
            browser.run("""
                    window.got = [];
                    const source = new EventSource('/sse?topic=chat&topic=/orders/{id}');
                    source.onopen = () => got.push('open');
                    const write = (event) => got.push(`${event.type} ${event.lastEventId} ${event.data}`);
                    source.onmessage = write;
                    source.addEventListener('order', write);
                    source.addEventListener('gap', write);
                    """);
            await().atMost(PATIENCE).until(() -> received(browser).equals(List.of("open")));

            // the client has received no event yet, but knows its position
            network.cut();
            String first = publish("topic", "chat", "data", "while it was away");
            network.mend();
            await().atMost(PATIENCE).until(() -> received(browser).contains("message " + first + " while it was away"));
            publish("topic", "/orders/7", "type", "order", "id", "urn:order:7", "data", "one\ntwo");
            await().atMost(PATIENCE).until(() -> received(browser).contains("order urn:order:7 one\ntwo"));

            network.cut();
            publish("topic", "other", "data", "not for it");
            String second = publish("topic", "chat", "data", "and away again");
            publish("topic", "/orders/8", "type", "order", "id", "urn:order 8", "data", "");
            network.mend();
            await().atMost(PATIENCE).until(() -> received(browser).contains("order urn:order 8 "));

            network.cut(); // now the client resumes with an id of a publisher
            String last = publish("topic", "chat", "data", "the last");
            network.mend();
            await().atMost(PATIENCE).until(() -> received(browser).contains("message " + last + " the last"));

            assertThat(received(browser)).filteredOn(event -> !event.equals("open")).containsExactly(
                    "message " + first + " while it was away", "order urn:order:7 one\ntwo",
                    "message " + second + " and away again",
                    "order urn:order 8 ", "message " + last + " the last");
        }
    }

    @Test
    void okhttpLosesNoEvent() throws Exception {
        String id;
        try (OkHttp client = new OkHttp(null)) {
            assertThat(client.next()).isEqualTo("open null");
            id = publish("topic", "chat", "data", " a\n\nb ");
            assertThat(client.next()).isEqualTo("event " + id + " null  a\n\nb ");
            publish("topic", "/orders/7", "type", "order", "id", "urn:order:7", "data", "x");
            assertThat(client.next()).isEqualTo("event urn:order:7 order x");
            network.cut();
            assertThat(client.next()).isEqualTo("failure");
            network.mend();
        }
        publish("topic", "chat", "data", "away");
        for (String lastEventId : List.of(id, "urn:order:7")) {
            try (OkHttp client = new OkHttp(lastEventId)) {
                assertThat(client.next()).isEqualTo("open " + lastEventId);
                if (lastEventId.equals(id)) {
                    assertThat(client.next()).isEqualTo("event urn:order:7 order x");
                }
                assertThat(client.next()).endsWith(" null away");
            }
        }
        try (OkHttp client = new OkHttp("urn:unknown")) {
            assertThat(client.next()).isEqualTo("open earliest");
            assertThat(client.next()).startsWith("event 1").contains(" gap {\"requested\":\"urn:unknown\",\"oldest\":\"");
            assertThat(client.next()).isEqualTo("event " + id + " null  a\n\nb ");
        }
    }

    @Test
    void theEventsourcePackageOfNpmLosesNoEvent() throws Exception {
        installNodePackages();
        Process node = new ProcessBuilder("node", "client.mjs",
                "http://127.0.0.1:" + network.port() + "/.well-known/mercure?topic=chat&topic=/orders/%7Bid%7D", "order", "gap")
                .directory(NODE).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> copy(node.inputReader(StandardCharsets.UTF_8), lines));
        try {
            assertThat(next(lines)).isEqualTo("{\"type\":\"open\"}");
            String first = publish("topic", "chat", "data", "a\nb");
            assertThat(next(lines)).isEqualTo("{\"id\":\"" + first + "\",\"type\":\"message\",\"data\":\"a\\nb\"}");
            publish("topic", "/orders/7", "type", "order", "id", "urn:order:7", "data", "");
            assertThat(next(lines)).isEqualTo("{\"id\":\"urn:order:7\",\"type\":\"order\",\"data\":\"\"}");

            network.cut();
            String away = publish("topic", "chat", "data", "away");
            network.mend();
            assertThat(next(lines)).isEqualTo("{\"type\":\"open\"}");
            assertThat(next(lines)).isEqualTo("{\"id\":\"" + away + "\",\"type\":\"message\",\"data\":\"away\"}");
        } finally {
            node.destroyForcibly().waitFor();
        }
        assertThat(lines).isEmpty();
    }

    /** Installs the packages that package-lock.json pins. Without Node the test is skipped; in CI it fails. */
    private static void installNodePackages() throws Exception {
        int exitCode;
        try {
            // npm must not inherit the standard streams of this process, because the build uses them
            exitCode = new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund").directory(NODE).redirectErrorStream(true)
                    .redirectOutput(new File("target/npm.log")).start().waitFor();
        } catch (IOException e) {
            exitCode = 127;
        }
        String missing = "the test of the npm client needs node (20 or later) and npm on the PATH, and the npm registry";
        if (System.getenv("CI") != null) {
            assertThat(exitCode).as(missing).isZero();
        }
        if (exitCode != 0) {
            System.out.println("SKIPPED: " + missing);
        }
        assumeTrue(exitCode == 0, "SKIPPED: " + missing);
    }

    private static void copy(BufferedReader from, BlockingQueue<String> to) {
        try (from) {
            from.lines().forEach(to::add);
        } catch (IOException | UncheckedIOException e) {
            // the process has ended
        }
    }

    private static String next(BlockingQueue<String> queue) throws InterruptedException {
        return queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static List<String> received(Browser browser) {
        return ((List<?>) browser.run("return got")).stream().map(Object::toString).toList();
    }

    /** Publishes directly to the hub, past the network that is cut, and returns the id. */
    private String publish(String... fields) throws Exception {
        List<String> form = new ArrayList<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        HttpResponse<String> response = publisher.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + application.port() + "/sse"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(String.join("&", form))).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** Records the callbacks of okhttp-sse as text. */
    private final class OkHttp extends EventSourceListener implements AutoCloseable {
        private final BlockingQueue<String> callbacks = new LinkedBlockingQueue<>();
        private final OkHttpClient client = new OkHttpClient.Builder().readTimeout(Duration.ZERO).build();
        private final EventSource source;

        OkHttp(String lastEventId) {
            Request.Builder request = new Request.Builder()
                    .url("http://127.0.0.1:" + network.port() + "/sse?topic=chat&topic=/orders/%7Bid%7D");
            if (lastEventId != null) {
                request.header("Last-Event-ID", lastEventId);
            }
            source = EventSources.createFactory(client).newEventSource(request.build(), this);
        }

        String next() throws InterruptedException {
            return ClientsTest.next(callbacks);
        }

        @Override
        public void onOpen(EventSource source, Response response) {
            callbacks.add("open " + response.header("Last-Event-ID"));
        }

        @Override
        public void onEvent(EventSource source, String id, String type, String data) {
            callbacks.add("event " + id + " " + type + " " + data);
        }

        @Override
        public void onFailure(EventSource source, Throwable failure, Response response) {
            callbacks.add("failure");
        }

        @Override
        public void close() {
            source.cancel();
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }
}
