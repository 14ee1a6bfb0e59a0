/**
 * The load generator: it knows nothing of this hub, so that it measures any SSE server alike.
 */
@NullMarked
package dev.ssehub.bench;

import org.jspecify.annotations.NullMarked;
