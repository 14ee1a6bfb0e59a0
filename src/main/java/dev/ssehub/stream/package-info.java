/**
 * Writes the frames of subscribers to their connections. Start with {@link dev.ssehub.stream.EventStream}, which opens a stream and
 * waits for its end. The threads of {@link dev.ssehub.stream.Drainers} write the frames to a {@link dev.ssehub.stream.FrameSink}.
 */
@NullMarked
package dev.ssehub.stream;

import org.jspecify.annotations.NullMarked;
