package dev.ssehub.metrics;

import module java.base;
import static java.util.Objects.requireNonNull;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The Prometheus meters of one hub. Each instance has its own registry. Thread-safe; counting takes no lock. */
public final class Meters implements HubMetrics {
    // All counters exist from the start, with the value 0, so that Prometheus can compute rates from the first increment on.

    /** The Content-Type of {@link #scrape}. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final int MIN_REFUSAL = 400;
    private static final List<Integer> USUAL_REFUSALS = List.of(400, 401, 403, 404, 413, 429, 500, 503);

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter format = PrometheusTextFormatWriter.builder().build();
    private final ProcessMeters process = new ProcessMeters(registry);
    private final Map<Limit, LongAdder> reached = counters("sse_hub_limit_reached_total",
            "How often a request, a connection or a stream was refused or cut off because of this limit.", "limit",
            Limit.values());
    private final Map<PublishedBy, LongAdder> published = counters("sse_hub_events_published_total",
            "How many events were published, by what has published them.", "source", PublishedBy.values());
    private final LongAdder opened = counter("sse_hub_streams_opened_total", "How many event streams have opened.");
    private final Map<DisconnectReason, LongAdder> ended = counters("sse_hub_streams_ended_total",
            "How many event streams have ended, and why.", "reason", DisconnectReason.values());
    private final LongAdder writes = counter("sse_hub_stream_writes_total",
            "How many writes to streams there were. A write carries all events that wait together.");
    private final LongAdder deliveries = counter("sse_hub_events_delivered_total",
            "How many events were written to streams. An event counts once for each stream.");
    private final LongAdder bytes = counter("sse_hub_stream_bytes_total",
            "How many bytes of events and heartbeats were written to streams, without what HTTP and TLS add.");
    private final LongAdder fellBehind = counter("sse_hub_mailbox_overflows_total",
            "How often the mailbox of a stream was full, so that the stream caught up from the history.");
    private final LongAdder caughtUp = counter("sse_hub_catch_up_events_total",
            "How many of the delivered events were read from the history.");
    private final LongAdder gaps = counter("sse_hub_gaps_told_total", "How often a stream was told that events are missing.");
    private final LongAdder missed = counter("sse_hub_transport_losses_total",
            "How often this node has missed events of the hub for good, so that all streams were told about a gap.");
    private final LongAdder historyFailures = counter("sse_hub_history_outages_total",
            "How often the file of the history began to refuse events.");
    private final DurationHistogram answers = histogram("sse_hub_publish_duration_seconds",
            "The time from a publish request to its answer, for requests that were answered with an id.");
    private final DurationHistogram delays = histogram("sse_hub_delivery_delay_seconds",
            "The time from the publishing of an event to the write that carries it, for the newest event of each write.");
    private final DurationHistogram commits = histogram("sse_hub_history_commit_duration_seconds",
            "The time of a transaction of the history's file.");
    private final Counter refused = Counter.builder().name("sse_hub_requests_refused_total").labelNames("status")
            .help("How many requests were answered with a status from 400 on.").register(registry);

    public Meters() {
        USUAL_REFUSALS.forEach(status -> refused.labelValues(Integer.toString(status)));
    }

    private LongAdder counter(String name, String help) {
        LongAdder count = new LongAdder();
        counter(name, help, count::doubleValue);
        return count;
    }

    private <E extends Enum<E> & Labelled> Map<E, LongAdder> counters(String name, String help, String label, E[] values) {
        Map<E, LongAdder> counts = new EnumMap<>(values[0].getDeclaringClass());
        for (E value : values) {
            counts.put(value, new LongAdder());
        }
        CounterWithCallback.builder().name(name).help(help).labelNames(label)
                .callback(to -> counts.forEach((value, count) -> to.call(count.doubleValue(), value.label())))
                .register(registry);
        return counts;
    }

    private DurationHistogram histogram(String name, String help) {
        DurationHistogram histogram = new DurationHistogram(name, help);
        registry.register(histogram);
        return histogram;
    }

    @Override
    public void reached(Limit limit) {
        requireNonNull(reached.get(limit)).increment();
    }

    @Override
    public void published(PublishedBy publisher) {
        requireNonNull(published.get(publisher)).increment();
    }

    @Override
    public void publishAnswered(long nanos) {
        answers.add(nanos);
    }

    @Override
    public void opened() {
        opened.increment();
    }

    @Override
    public void ended(DisconnectReason reason) {
        requireNonNull(ended.get(reason)).increment();
    }

    @Override
    public void written(int events, int size) {
        writes.increment();
        deliveries.add(events);
        bytes.add(size);
    }

    @Override
    public void delivered(long millis) {
        delays.add(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public void fellBehind() {
        fellBehind.increment();
    }

    @Override
    public void caughtUp(int events) {
        caughtUp.add(events);
    }

    @Override
    public void toldGap() {
        gaps.increment();
    }

    @Override
    public void committed(long nanos) {
        commits.add(nanos);
    }

    @Override
    public void missed() {
        missed.increment();
    }

    @Override
    public void historyFailed() {
        historyFailures.increment();
    }

    /** Counts an answered request if the status is 400 or higher. */
    public void answered(int status) {
        if (status >= MIN_REFUSAL) {
            refused.labelValues(Integer.toString(status)).inc();
        }
    }

    /** Adds a counter, whose value is read at each scrape. The name ends with {@code _total}. */
    public void counter(String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    /** Adds a gauge, whose value is read at each scrape. */
    public void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder().name(name).help(help).callback(to -> to.call(value.getAsDouble())).register(registry);
    }

    /** Adds a gauge with the value 1 and a label that says something about the program. The name ends with {@code _info}. */
    public void info(String name, String help, String label, String value) {
        Info.builder().name(name).help(help).labelNames(label).register(registry).setLabelValues(value);
    }

    /** Adds metrics whose values come from one reading. The caller adds the metrics to the result before the first scrape. */
    public <T> Readings<T> readings(Supplier<T> reading) {
        Readings<T> readings = new Readings<>(reading);
        registry.register(readings.collector());
        return readings;
    }

    /** Returns all meters in Prometheus' text format. */
    public byte[] scrape() {
        process.add();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            format.write(text, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to memory", e);
        }
        return text.toByteArray();
    }
}
