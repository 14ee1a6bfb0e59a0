/**
 * The command {@code bench}: measures any SSE server and prints the result.
 *
 * <p>Start with {@link dev.ssehub.bench.BenchCommand}. {@code Bench} runs the load of {@link dev.ssehub.bench.load} and measures,
 * {@code BenchResult} holds the figures, and {@code ResultTable} formats them as text.
 */
@NullMarked
package dev.ssehub.bench;

import org.jspecify.annotations.NullMarked;
