package dev.ssehub.tracing;

import module java.base;

/**
 * Where spans are sent, and how many.
 *
 * @param endpoint the URL of the receiver (OTLP over HTTP), with or without the path for traces
 * @param serviceName the name by which the receiver knows this hub
 * @param samplePercent how many of the publishes that belong to no trace become a span; for the others, the client decides
 */
public record TracingSettings(URI endpoint, String serviceName, int samplePercent) {
    private static final String PATH = "/v1/traces";

    /** Returns the URL to which spans are posted. */
    String url() {
        String base = endpoint.toString().replaceFirst("/+$", "");
        return base.endsWith(PATH) ? base : base + PATH;
    }
}
