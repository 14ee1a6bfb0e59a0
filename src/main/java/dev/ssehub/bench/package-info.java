/**
 * The command {@code bench}: measures any SSE server and prints the result.
 *
 * <p>To read it, start with {@link dev.ssehub.bench.BenchCommand}. {@code Bench} runs the load of
 * {@link dev.ssehub.bench.load}, {@code Measurement} waits and adds up, and {@code BenchResult} holds the figures, which
 * {@code ResultTable} prints as text.
 */
@NullMarked
package dev.ssehub.bench;

import org.jspecify.annotations.NullMarked;
