package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Packages of PyPI, as subscribers and as publishers. */
class PythonClientsTest extends DistantHubTest {
    @Test
    void httpxSseLosesNoEvent() throws Exception {
        try (ClientProgram httpxSse = ClientProgram.python("listen", hub.url(ClientScenario.TARGET))) {
            ClientScenario.run(hub, List.of(httpxSse::next));
        }
    }

    @Test
    void requestsInChunksPublish() throws Exception {
        try (ClientProgram publisher = ClientProgram.python("publish", hub.url("/sse"))) {
            assertThat(publisher.next()).startsWith("200 ");
            assertThat(publisher.next()).startsWith("200 ");
        }
        assertThat(hub.past("chat")).containsExactly("from requests", "from httpx");
    }
}
