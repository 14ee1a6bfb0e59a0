/**
 * The answer that stays open: event frames on their way to the socket. Start with {@link dev.ssehub.stream.EventStream}, which opens
 * a stream and waits for its end. {@link dev.ssehub.stream.Drainers} are the threads that write, through
 * {@link dev.ssehub.stream.FrameSink}.
 */
@NullMarked
package dev.ssehub.stream;

import org.jspecify.annotations.NullMarked;
