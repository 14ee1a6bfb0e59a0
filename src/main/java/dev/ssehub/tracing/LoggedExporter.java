package dev.ssehub.tracing;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import io.opentelemetry.exporter.internal.FailedExportException.HttpExportException;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Logs when spans cannot be sent, and when they can be sent again: one line each. OpenTelemetry's own lines are off. Thread-safe. */
final class LoggedExporter implements SpanExporter {
    private static final System.Logger LOG = System.getLogger(LoggedExporter.class.getName());

    private final SpanExporter exporter;
    private final String url;
    private final LogThrottle throttle;
    private boolean failing;
    private boolean closed;

    LoggedExporter(SpanExporter exporter, String url, LogThrottle throttle) {
        this.exporter = exporter;
        this.url = url;
        this.throttle = throttle;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> exported(result));
    }

    private synchronized void exported(CompletableResultCode result) {
        if (closed) {
            return;
        }
        if (result.isSuccess()) {
            if (failing) {
                LOG.log(Level.INFO, "spans are sent to " + url + " again");
            }
            failing = false;
        } else if (!failing && throttle.isDue()) {
            failing = true;
            LOG.log(Level.WARNING, "spans cannot be sent to " + url + " (otlp.endpoint), and are dropped: "
                    + reason(result.getFailureThrowable()));
        }
    }

    /** Returns the status of the answer, or the innermost message: the outer ones only say that the export failed. */
    private static String reason(@Nullable Throwable failure) {
        if (failure instanceof HttpExportException http && http.getResponse() != null) {
            return "the answer is " + http.getResponse().getStatusCode();
        }
        String reason = "the receiver does not take them";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return "there is no connection";
            }
            reason = Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
        }
        return reason;
    }

    /** Logs nothing more: a batch that OpenTelemetry still tries to send after the hub has stopped is no outage. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
