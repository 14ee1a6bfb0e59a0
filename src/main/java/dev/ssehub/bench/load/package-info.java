/**
 * The load generator. It uses no other package of the hub, so it can measure any SSE server. {@link dev.ssehub.bench.load.Swarms}
 * spreads the subscribers over threads. Each subscriber is a {@code Reader}, which counts into a
 * {@link dev.ssehub.bench.load.Tally}. {@link dev.ssehub.bench.load.Publisher} posts the events through a {@code Pipeline}. A
 * {@link dev.ssehub.bench.load.Stamp} marks each event with its number and its due time.
 */
@NullMarked
package dev.ssehub.bench.load;

import org.jspecify.annotations.NullMarked;
