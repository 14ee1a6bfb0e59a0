package dev.ssehub.metrics;

import module java.base;
import static java.util.Objects.requireNonNull;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The Prometheus meters of one hub. Each instance has its own registry. Thread-safe; counting takes no lock. */
public final class Meters implements HubMetrics {
    /** The Content-Type of {@link #scrape}. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final int MIN_REFUSAL = 400;
    private static final List<Integer> USUAL_REFUSALS = List.of(400, 401, 403, 404, 413, 429, 500, 503);

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter format = PrometheusTextFormatWriter.builder().build();
    private final Map<Limit, CounterDataPoint> reached;
    private final Map<DisconnectReason, CounterDataPoint> ended;
    private final Counter refused;

    /** Creates all counters with the value 0, so that Prometheus can compute rates from the first increment on. */
    public Meters() {
        Counter limits = Counter.builder().name("sse_hub_limit_reached_total").labelNames("limit")
                .help("How often something was refused, cut off or let go of because of this limit.").register(registry);
        Counter streams = Counter.builder().name("sse_hub_streams_ended_total").labelNames("reason")
                .help("How many event streams have ended, and why.").register(registry);
        reached = Stream.of(Limit.values()).collect(toUnmodifiableMap(identity(), limit -> limits.labelValues(limit.label())));
        ended = Stream.of(DisconnectReason.values()).collect(toUnmodifiableMap(identity(),
                reason -> streams.labelValues(reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))));
        refused = Counter.builder().name("sse_hub_requests_refused_total").labelNames("status")
                .help("How many requests were answered with a status from 400 on.").register(registry);
        USUAL_REFUSALS.forEach(status -> refused.labelValues(Integer.toString(status)));
    }

    @Override
    public void reached(Limit limit) {
        requireNonNull(reached.get(limit)).inc();
    }

    @Override
    public void ended(DisconnectReason reason) {
        requireNonNull(ended.get(reason)).inc();
    }

    /** Counts an answered request if the status is 400 or higher. */
    public void answered(int status) {
        if (status >= MIN_REFUSAL) {
            refused.labelValues(Integer.toString(status)).inc();
        }
    }

    /** Adds a gauge, whose value is read at each scrape. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    /** Adds a counter, whose value is read at each scrape. The name ends with {@code _total}. */
    public void counter(String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    /** Returns all meters in Prometheus' text format. */
    public byte[] scrape() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            format.write(text, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to memory", e);
        }
        return text.toByteArray();
    }
}
