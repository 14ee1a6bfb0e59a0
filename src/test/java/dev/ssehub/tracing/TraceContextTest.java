package dev.ssehub.tracing;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header {@code traceparent}; the examples are those of W3C Trace Context, section 3.2. */
class TraceContextTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @Test
    void readsTheHeader() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-01")).hasValue(new TraceContext(TRACE, SPAN, true));
        assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-02")).hasValue(new TraceContext(TRACE, SPAN, false));
        assertThat(TraceContext.parse("cc-" + TRACE + "-" + SPAN + "-01-what-the-future-will-be-like"))
                .hasValue(new TraceContext(TRACE, SPAN, true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "00-TRACE-SPAN", "00-TRACE-SPAN-1", "00-TRACE-SPAN-011", "00-TRACE-SPAN-01-more",
            "00-TRACE-SPAN-0g",
            "ff-TRACE-SPAN-01", "cc-TRACE-SPAN-01.more", "00-00000000000000000000000000000000-SPAN-01",
            "00-TRACE-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-SPAN-01", " 00-TRACE-SPAN-01",
            "00-TRACE-SPAN-01\n",
            "0-TRACE-SPAN-01", "00-TRACE-SPAN-01,00-TRACE-SPAN-01", "00-SPAN-TRACE-01"})
    void ignoresAnythingElse(String header) {
        assertThat(TraceContext.parse(header.replace("TRACE", TRACE).replace("SPAN", SPAN))).isEmpty();
    }

    @Test
    void ignoresAHeaderThatIsTooLong() {
        String header = "cc-" + TRACE + "-" + SPAN + "-01-";
        assertThat(TraceContext.parse(header + "x".repeat(512 - header.length()))).isPresent();
        assertThat(TraceContext.parse(header + "x".repeat(513 - header.length()))).isEmpty();
    }
}
