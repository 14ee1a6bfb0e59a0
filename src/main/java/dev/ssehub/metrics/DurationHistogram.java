package dev.ssehub.metrics;

import module java.base;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;

/** A histogram of durations, from half a millisecond to ten seconds. Thread-safe; counting takes no lock. */
final class DurationHistogram implements Collector {
    // Prometheus' own histogram has a counter that all threads share. That is too slow for each write to each stream.

    private static final double NANOS = 1e9;
    private static final double[] SECONDS = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final long[] BOUNDS = DoubleStream.of(SECONDS).mapToLong(bound -> Math.round(bound * NANOS)).toArray();

    private final MetricMetadata metadata;
    private final LongAdder[] counts = Stream.generate(LongAdder::new).limit(SECONDS.length + 1).toArray(LongAdder[]::new);
    private final LongAdder sum = new LongAdder();

    /** @param name ends with {@code _seconds} */
    DurationHistogram(String name, String help) {
        metadata = new MetricMetadata(name, help);
    }

    void add(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(nanos);
    }

    @Override
    public HistogramSnapshot collect() {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < SECONDS.length; i++) {
            buckets.bucket(SECONDS[i], counts[i].sum());
        }
        buckets.bucket(Double.POSITIVE_INFINITY, counts[SECONDS.length].sum());
        return new HistogramSnapshot(metadata, List.of(HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build()).sum(sum.sum() / NANOS).build()));
    }
}
