package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Go's libraries, as subscribers and as publishers. */
class GoClientsTest extends DistantHubTest {
    @Test
    void goSseAndR3labsSseLoseNoEvent() throws Exception {
        try (ClientProgram tmaxmax = ClientProgram.go("tmaxmax", hub.url(ClientScenario.TARGET));
                ClientProgram r3labs = ClientProgram.go("r3labs", hub.url(ClientScenario.TARGET))) {
            ClientScenario.run(hub, List.of(tmaxmax::next, r3labs::next));
        }
    }

    @Test
    void aRequestInChunksPublishes() throws Exception {
        try (ClientProgram publisher = ClientProgram.go("publish", hub.url("/sse"))) {
            assertThat(publisher.next()).startsWith("200 ");
        }
        assertThat(hub.past("chat")).containsExactly("from Go");
    }
}
