package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.config.HubConfig;
import dev.ssehub.server.Relay;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A hub whose clients reach it through a network that a test can cut and mend. */
final class DistantHub implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final Application application;
    private final Relay network;

    DistantHub() throws IOException {
        application = Application.start(() -> HubConfig.load(null, Map.of(),
                Map.of("server.host", "127.0.0.1", "server.port", "0",
                        "sse-hub.retry", "PT0.2S", "sse-hub.heartbeat-interval", "PT0.2S", "sse-hub.publish.anonymous-topics",
                        "chat, /orders/{id}, other")),
                Optional.empty(), Clock.system(ZoneId.systemDefault()));
        network = new Relay(application.port());
    }

    /** Returns the URL of this path and query for clients, through the network. */
    String url(String target) {
        return "http://127.0.0.1:" + network.port() + target;
    }

    void cut() throws IOException {
        network.cut();
    }

    void mend() {
        network.mend();
    }

    /** Ends all streams as a hub does that stops. */
    void stop() {
        application.close();
    }

    /** Waits until every idle stream has received this number of heartbeats. */
    void awaitHeartbeats(int count) throws Exception {
        HttpResponse<Stream<String>> stream = http.send(HttpRequest.newBuilder(direct("/sse?topic=other")).build(),
                HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = stream.body()) {
            // the first comment belongs to the beginning of the stream
            assertThat(lines.filter(line -> line.startsWith(":")).limit(count + 1)).hasSize(count + 1);
        }
    }

    /** Publishes directly to the hub, even if the network is cut, and returns the id. */
    String publish(String... fields) throws Exception {
        List<String> form = new ArrayList<>();
        for (int i = 0; i < fields.length; i += 2) {
            form.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        HttpResponse<String> response = http.send(HttpRequest.newBuilder(direct("/sse"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(String.join("&", form))).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** Returns the data of all events of a topic. */
    List<String> past(String topic) throws Exception {
        return http.send(HttpRequest.newBuilder(direct("/sse?live=false&lastEventID=earliest&topic=" + topic)).build(),
                HttpResponse.BodyHandlers.ofLines()).body().filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length())).toList();
    }

    private URI direct(String target) {
        return URI.create("http://127.0.0.1:" + application.port() + target);
    }

    @Override
    public void close() throws IOException {
        network.close();
        application.close();
        http.shutdownNow();
    }
}
