package dev.ssehub.tracing;

import module java.base;
import dev.ssehub.metrics.LogThrottle;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;

/** Sends a span of each publish to a receiver, with OpenTelemetry's SDK. */
public final class OtlpTracing implements Tracing {
    // The SDK owns the threads: one that collects spans and sends them in batches, and those of the HTTP client. Publishers never
    // wait for them: when the queue is full, spans are dropped. All are daemons and end at close(), so a receiver that does not
    // answer does not keep the process.

    private static final int QUEUE = 2048;
    private static final Duration BETWEEN_BATCHES = Duration.ofSeconds(1);
    private static final long CLOSE_SECONDS = 1;

    // the names of OpenTelemetry's semantic conventions for messaging
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> ID = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<Long> SUBSCRIBERS = AttributeKey.longKey("sse_hub.subscribers");

    private final SdkTracerProvider provider;
    private final LoggedExporter exporter;
    private final Tracer tracer;
    private final AtomicBoolean closed = new AtomicBoolean();

    private OtlpTracing(SdkTracerProvider provider, LoggedExporter exporter) {
        this.provider = provider;
        this.exporter = exporter;
        this.tracer = provider.get("dev.ssehub");
    }

    /** Starts to send spans. The receiver need not be available. */
    public static OtlpTracing start(TracingSettings settings) {
        LoggedExporter exporter = new LoggedExporter(OtlpHttpSpanExporter.builder().setEndpoint(settings.url()).build(),
                settings.url(), new LogThrottle());
        return new OtlpTracing(SdkTracerProvider.builder().setResource(resource(settings))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.samplePercent() / 100.0)))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).setMaxQueueSize(QUEUE).setScheduleDelay(BETWEEN_BATCHES)
                        .build())
                .build(), exporter);
    }

    private static Resource resource(TracingSettings settings) {
        return Resource.getDefault().toBuilder().put("service.name", settings.serviceName())
                .put("service.version", OtlpTracing.class.getPackage().getImplementationVersion())
                .put("service.instance.id", UUID.randomUUID().toString()).build();
    }

    @Override
    public <X extends Throwable> String publish(Publish<X> publish) throws X {
        PublishSpan said = new PublishSpan();
        Span span = begin();
        SpanContext own = span.getSpanContext();
        try {
            String id = ScopedValue.where(TraceContext.CURRENT,
                    new TraceContext(own.getTraceId(), own.getSpanId(), own.isSampled())).call(() -> publish.run(said));
            span.setAttribute(ID, id).setAttribute(SUBSCRIBERS, said.subscribers());
            return id;
        } catch (Throwable e) {
            fail(span, said, e);
            throw e;
        } finally {
            said.topic().ifPresent(topic -> span.setAttribute(TOPIC, topic));
            span.end();
        }
    }

    private Span begin() {
        // no topic in the name: there can be any number of them
        SpanBuilder span = tracer.spanBuilder("publish").setSpanKind(SpanKind.SERVER).setAttribute(SYSTEM, "sse-hub")
                .setAttribute(OPERATION, "publish").setAttribute(OPERATION_TYPE, "send");
        return TraceContext.current().map(OtlpTracing::sender).map(span::setParent).orElseGet(span::setNoParent).startSpan();
    }

    private static Context sender(TraceContext trace) {
        return Context.root().with(Span.wrap(SpanContext.createFromRemoteParent(trace.traceId(), trace.spanId(),
                trace.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(), TraceState.getDefault())));
    }

    /** A request that is wrong is no error of the hub, as for all servers by OpenTelemetry's conventions. */
    private static void fail(Span span, PublishSpan said, Throwable why) {
        OptionalInt status = said.refusal();
        span.setAttribute(ERROR, status.isPresent() ? String.valueOf(status.getAsInt()) : why.getClass().getName());
        if (!said.isBrokenOff() && status.orElse(500) >= 500) {
            span.setStatus(StatusCode.ERROR, String.valueOf(why.getMessage()));
        }
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
            exporter.close();
        }
    }
}
