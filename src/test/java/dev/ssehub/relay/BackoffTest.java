package dev.ssehub.relay;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final Backoff backoff = new Backoff(() -> 0);

    private List<Duration> failures(int count) {
        return Stream.generate(backoff::afterFailure).limit(count).toList();
    }

    @Test
    void doublesUpToAMinute() {
        assertThat(failures(8)).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
        backoff.reset();
        assertThat(backoff.afterFailure()).isEqualTo(Duration.ofSeconds(1));
        assertThat(new Backoff(() -> 1).afterFailure()).isEqualTo(Duration.ofMillis(500));
        assertThat(backoff.afterRefusal()).isEqualTo(MINUTE);
    }

    @Test
    void doesWhatTheServerAsksWithinReason() {
        backoff.setBase(null);
        assertThat(backoff.afterFailure()).isEqualTo(Duration.ofSeconds(1));
        backoff.reset();
        backoff.setBase(0L);
        assertThat(failures(2)).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
        backoff.setBase(999_999_999_999_999L);
        assertThat(failures(2)).containsExactly(HOUR, HOUR);
        assertThat(backoff.afterRefusal()).isEqualTo(HOUR);
        backoff.setBase(1L);
        backoff.reset();
        assertThat(backoff.afterFailure(Duration.ofSeconds(7))).isEqualTo(Duration.ofSeconds(7));
        assertThat(backoff.afterFailure(Duration.ofDays(7))).isEqualTo(HOUR);
        assertThat(backoff.afterFailure(Duration.ZERO)).isEqualTo(Duration.ofMillis(400));
    }
}
