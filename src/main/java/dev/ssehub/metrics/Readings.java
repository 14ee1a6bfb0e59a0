package dev.ssehub.metrics;

import module java.base;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/** Metrics whose values come from one reading, which is taken once at each scrape. All are added before the first scrape. */
public final class Readings<T> {
    private final Supplier<T> source;
    private final Map<String, Function<T, MetricSnapshot>> metrics = new LinkedHashMap<>();

    Readings(Supplier<T> source) {
        this.source = source;
    }

    /** Adds a gauge. Returns this. */
    public Readings<T> gauge(String name, String help, ToDoubleFunction<T> value) {
        metrics.put(name, reading -> GaugeSnapshot.builder().name(name).help(help)
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value.applyAsDouble(reading)).build()).build());
        return this;
    }

    /** Adds a counter with one value for each value of the label. The name ends with {@code _total}. Returns this. */
    public Readings<T> counter(String name, String help, String label, Function<T, Map<String, ? extends Number>> values) {
        String base = name.substring(0, name.length() - "_total".length());
        metrics.put(base, reading -> {
            CounterSnapshot.Builder counter = CounterSnapshot.builder().name(base).help(help);
            values.apply(reading).forEach((of, value) -> counter.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                    .labels(Labels.of(label, of)).value(value.doubleValue()).build()));
            return counter.build();
        });
        return this;
    }

    MultiCollector collector() {
        return new MultiCollector() {
            @Override
            public MetricSnapshots collect() {
                T reading = source.get();
                return new MetricSnapshots(metrics.values().stream().map(metric -> metric.apply(reading)).toList());
            }
        };
    }
}
