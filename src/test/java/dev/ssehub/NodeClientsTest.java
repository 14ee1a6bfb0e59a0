package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Packages of npm in Node, as subscribers, as publishers, and as a proxy in front of the hub. */
class NodeClientsTest extends DistantHubTest {
    @Test
    void eventsourceLosesNoEvent() throws Exception {
        try (ClientProgram eventsource = ClientProgram.node("eventsource.mjs", hub.url(ClientScenario.TARGET), "order", "gap")) {
            ClientScenario.run(hub, List.of(eventsource::next));
        }
    }

    @Test
    void aRequestInChunksPublishes() throws Exception {
        try (ClientProgram publisher = ClientProgram.node("publish.mjs", hub.url("/sse"))) {
            assertThat(publisher.next()).startsWith("200 ");
        }
        assertThat(hub.past("chat")).containsExactly("from Node");
    }

    /** Development servers such as Vite's and webpack's are built from the same packages. */
    @Test
    void expressWithCompressionDoesNotHoldEventsBack() throws Exception {
        try (ClientProgram express = ClientProgram.node("proxy.mjs", hub.url("/"))) {
            URLConnection stream = URI.create("http://127.0.0.1:" + express.next() + ClientScenario.TARGET).toURL()
                    .openConnection();
            stream.setReadTimeout((int) Duration.ofSeconds(10).toMillis());
            stream.setRequestProperty("Accept", "text/event-stream");
            stream.setRequestProperty("Accept-Encoding", "gzip, deflate, br");
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(stream.getInputStream(), StandardCharsets.UTF_8))) {
                hub.publish("topic", "chat", "data", "through Express");
                assertThat(lines.lines().filter(line -> line.startsWith("data")).limit(1))
                        .containsExactly("data: through Express");
            }
        }
    }
}
