package dev.ssehub.feed;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeFeedTest {
    @ParameterizedTest
    @CsvSource({"2026-11-22T13:05:00.999999999Z, Server time: 2026-11-22T13:05:00Z",
            "2026-11-22T13:05:07+01:00, Server time: 2026-11-22T13:05:07+01:00",
            "2026-01-02T00:00:00.5-03:30, Server time: 2026-01-02T00:00:00-03:30",
            "2026-01-02T03:04:05+00:00, Server time: 2026-01-02T03:04:05Z"})
    void formatsWholeSecondsWithTheOffset(OffsetDateTime time, String text) {
        assertThat(TimeFeed.text(time)).isEqualTo(text);
    }
}
