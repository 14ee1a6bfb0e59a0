/** The metrics for Prometheus, and the limits and reasons that they count. */
@NullMarked
package dev.ssehub.metrics;

import org.jspecify.annotations.NullMarked;
