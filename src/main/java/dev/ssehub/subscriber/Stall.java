package dev.ssehub.subscriber;

/**
 * The memory that the hub holds for a client that reads slowly or not at all: an event that is too large for one write.
 *
 * @param age the time since the write began, in nanoseconds
 * @param idle the time since the write last made progress, in nanoseconds
 * @param frame the identity of the event's frame; several clients can share a frame
 * @param size the size of the frame in bytes
 */
public record Stall(long age, long idle, Object frame, int size) {}
