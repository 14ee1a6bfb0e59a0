package dev.ssehub.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HubServerTest {

    @Test
    void takesAsManyConnectionsAsFilesAndMemoryAllow() {
        assertThat(HubServer.maxConnections(20_000, 24L << 30, 16 * 1024)).as("bound by files").isEqualTo(20_000 - 256);
        assertThat(HubServer.maxConnections(1_048_576, 512L << 20, 16 * 1024)).as("bound by memory").isBetween(15_000, 17_000);
        assertThat(HubServer.maxConnections(Long.MAX_VALUE, Long.MAX_VALUE, 16 * 1024)).isEqualTo(Integer.MAX_VALUE);
    }
}
