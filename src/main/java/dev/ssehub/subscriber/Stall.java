package dev.ssehub.subscriber;

import org.jspecify.annotations.Nullable;

/**
 * What a client that reads slowly or not at all makes the hub hold in memory.
 *
 * @param since the {@link System#nanoTime} of the last progress of a write
 * @param frame stands for the large frame that is being written, or {@code null}; several clients may share it
 * @param size the bytes of the frame
 * @param waiting the bytes in the mailbox
 */
public record Stall(long since, @Nullable Object frame, int size, int waiting) {}
