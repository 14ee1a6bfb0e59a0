package dev.ssehub.subscriber;

import org.jspecify.annotations.Nullable;

/**
 * The memory that the hub holds for a client that reads slowly or not at all, in bytes.
 *
 * @param since the {@link System#nanoTime} at which the write last made progress
 * @param frame the identity of the large frame that is being written, or {@code null}; several clients can share a frame
 * @param size the size of the large frame, or 0 without one
 * @param waiting the size of the events in the mailbox
 */
public record Stall(long since, @Nullable Object frame, int size, int waiting) {}
