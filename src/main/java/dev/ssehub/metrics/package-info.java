/** What is counted, for Prometheus. */
@NullMarked
package dev.ssehub.metrics;

import org.jspecify.annotations.NullMarked;
