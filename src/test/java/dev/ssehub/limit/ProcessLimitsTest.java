package dev.ssehub.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessLimitsTest {
    @Test
    void allowsAsManyConnectionsAsFilesAndMemoryPermit() {
        assertThat(ProcessLimits.of(20_000, 24L << 30, false).connections()).as("limited by open files").isEqualTo(20_000 - 256);
        assertThat(ProcessLimits.of(1_048_576, 512L << 20, false).connections()).as("limited by memory").isBetween(15_000,
                17_000);
        assertThat(ProcessLimits.of(1_048_576, 512L << 20, true).connections()).as("over TLS").isBetween(4_500, 5_000);
        assertThat(ProcessLimits.of(Long.MAX_VALUE, Long.MAX_VALUE, false).connections()).isEqualTo(Integer.MAX_VALUE);
    }
}
