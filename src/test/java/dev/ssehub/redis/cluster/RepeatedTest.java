package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisException;

class RepeatedTest {
    /** Otherwise, a task that fails at once would be repeated without a pause. */
    @Test
    void everyFailureCounts() {
        Queue<RuntimeException> failures = new ArrayDeque<>(
                List.of(new IllegalStateException("a fault"), new JedisException("no answer")));
        Repeated repeated = new Repeated("test", () -> {
            if (!failures.isEmpty()) {
                throw failures.remove();
            }
        });
        try (LogCapture log = new LogCapture()) {
            repeated.run();
            assertThat(repeated.isFailing()).isTrue();
            repeated.run();
            assertThat(repeated.isFailing()).isTrue();
            repeated.run();
            assertThat(repeated.isFailing()).isFalse();
            assertThat(log.warnings()).first().isEqualTo("test failed and will try again");
        }
    }
}
