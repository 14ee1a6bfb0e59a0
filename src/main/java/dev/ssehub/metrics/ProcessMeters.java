package dev.ssehub.metrics;

import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmClassLoadingMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** The metrics of the process and the JVM, under the names that Prometheus' own instrumentation gives them. Thread-safe. */
final class ProcessMeters {
    private final PrometheusRegistry registry;
    private boolean added;

    ProcessMeters(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /**
     * Adds the metrics to the registry, unless they are there. Called before each scrape, and not at the start of the hub, because
     * it takes a part of the time that the start takes.
     */
    synchronized void add() {
        if (!added) {
            added = true;
            ProcessMetrics.builder().register(registry);
            JvmMemoryMetrics.builder().register(registry);
            JvmGarbageCollectorMetrics.builder().register(registry);
            JvmBufferPoolMetrics.builder().register(registry);
            JvmThreadsMetrics.builder().register(registry);
            JvmClassLoadingMetrics.builder().register(registry);
            JvmRuntimeInfoMetric.builder().register(registry);
        }
    }
}
