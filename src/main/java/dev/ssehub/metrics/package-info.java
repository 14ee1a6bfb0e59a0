/** The metrics for Prometheus, the limits and reasons that they count, and what limits log messages. */
@NullMarked
package dev.ssehub.metrics;

import org.jspecify.annotations.NullMarked;
