/**
 * Writes frames to the connections of subscribers. {@link dev.ssehub.stream.EventStream} opens a stream and waits for its end.
 * The threads of {@link dev.ssehub.stream.Drainers} write the frames to a {@link dev.ssehub.stream.FrameSink}.
 */
@NullMarked
package dev.ssehub.stream;

import org.jspecify.annotations.NullMarked;
