package dev.ssehub.tracing;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.server.LogCapture;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.junit.jupiter.api.Test;

class LoggedExporterTest {
    private static final CompletableResultCode DONE = CompletableResultCode.ofSuccess();
    private static final CompletableResultCode REFUSED = CompletableResultCode
            .ofExceptionalFailure(new IOException("outer", new ConnectException()));

    private final AtomicLong nanos = new AtomicLong();
    private CompletableResultCode next = DONE;
    private final LoggedExporter exporter = new LoggedExporter(new SpanExporter() {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            return next;
        }

        @Override
        public CompletableResultCode flush() {
            return DONE;
        }

        @Override
        public CompletableResultCode shutdown() {
            return DONE;
        }
    }, "URL", new LogThrottle(1, nanos::get));

    /** A collector that fails every second time must not fill the log. */
    @Test
    void logsEachOutageOnceAndAtMostOnceAMinute() {
        try (LogCapture log = new LogCapture()) {
            export(DONE, REFUSED, REFUSED, DONE, REFUSED, DONE, REFUSED);
            assertThat(log.warnings())
                    .containsExactly("spans cannot be sent to URL (otlp.endpoint), and are dropped: there is no connection");

            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            export(REFUSED, REFUSED);
            assertThat(log.warnings()).hasSize(2);

            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            exporter.close();
            export(DONE, REFUSED);
            assertThat(log.warnings()).as("the hub has stopped").hasSize(2);
        }
    }

    private void export(CompletableResultCode... results) {
        for (CompletableResultCode result : results) {
            next = result;
            exporter.export(List.of());
        }
    }
}
