/**
 * The load generator's sockets and parsers. It knows no other package of this program, so it measures any SSE server.
 *
 * <p>To read it, start with {@link dev.ssehub.bench.load.LoadSettings}, then follow the two sides of a run. On the receiving
 * side, {@link dev.ssehub.bench.load.Swarms} spreads the subscribers over threads; each thread is a {@code Swarm}, each
 * subscriber a {@code Reader}, which counts into a {@link dev.ssehub.bench.load.Tally}. On the sending side,
 * {@link dev.ssehub.bench.load.Publisher} posts the events through a {@code Pipeline}. A {@link dev.ssehub.bench.load.Stamp}
 * connects the two: it marks each event with its number and the time at which it was due.
 */
@NullMarked
package dev.ssehub.bench.load;

import org.jspecify.annotations.NullMarked;
