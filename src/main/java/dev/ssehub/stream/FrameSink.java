package dev.ssehub.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ssehub.event.EventEncoder;
import io.helidon.common.GenericType;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.spi.SinkProviderContext;
import io.helidon.webserver.sse.SseSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An {@link SseSink} that also writes encoded frames, many in one write, as one HTTP chunk (RFC 9112, section 7.1). Get it with
 * {@code response.sink(FrameSink.TYPE)}. The headers leave with the first write.
 * <p>
 * One thread may write at a time, while another waits in {@link #awaitDisconnect}. A write blocks while the client's window is
 * full. An interrupt ends the write or the wait, and the connection.
 */
public final class FrameSink implements SseSink {

    /** The type to pass to {@code response.sink}. */
    public static final GenericType<FrameSink> TYPE = GenericType.create(FrameSink.class);

    private static final Header NO_CACHE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");
    private static final Header NO_BUFFERING = HeaderValues.createCached("X-Accel-Buffering", "no");
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);

    private final DataWriter writer;
    private final HelidonSocket socket;
    /** Writes the headers and the first frames. Cleared afterwards, as it keeps the whole request alive. */
    private @Nullable Consumer<BufferData> opening;

    FrameSink(SinkProviderContext context) {
        OpeningWriter opener = (OpeningWriter) context.connectionContext().dataWriter();
        writer = opener.connection();
        socket = context.connectionContext().serverSocket();
        describe(context.serverResponse().headers());
        context.serverResponse().outputStream(); // not written to, but the headers cannot be flushed without it
        opening = first -> {
            opener.hold();
            context.flushHeaders();
            opener.release(first);
        };
    }

    /** Sets the headers of an event stream, which nothing between the hub and the client may cache or delay. */
    public static void describe(ServerResponseHeaders headers) {
        headers.contentType(MediaTypes.TEXT_EVENT_STREAM);
        headers.set(NO_CACHE);
        headers.set(NO_BUFFERING);
    }

    /**
     * Writes whole frames, or parts of a frame, at once.
     *
     * @throws ServerConnectionException if the connection has failed or was ended
     */
    public void write(List<byte[]> frames) {
        write(frames, new Chunk());
    }

    /** Like {@link #write(List)}, with a chunk to reuse. */
    void write(List<byte[]> frames, Chunk chunk) {
        send(chunk.of(frames));
    }

    /**
     * Encodes and writes one event.
     *
     * @throws IllegalArgumentException if the data is not text, or if the id or the name contains a newline or NUL
     */
    @Override
    public FrameSink emit(SseEvent event) {
        event.comment().ifPresent(comment -> write(List.of(EventEncoder.comment(comment))));
        if (event.data() instanceof String text) {
            write(List.of(EventEncoder.event(event.id().orElse(null), event.name().orElse(null), text)));
        } else if (!event.data().equals(SseEvent.NO_DATA)) {
            throw new IllegalArgumentException("the data of an event must be text, not " + event.data().getClass().getName());
        }
        return this;
    }

    /**
     * Blocks until the client has left, and discards everything that it sends.
     *
     * @throws ServerConnectionException if the connection has ended in another way
     */
    void awaitDisconnect() {
        try {
            byte[] ignored;
            do {
                ignored = socket.get();
            } while (ignored != null);
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("the connection of an event stream cannot be read", e);
        }
    }

    /** Returns whether the kernel has ended the connection because the client acknowledged or took nothing for too long. */
    static boolean isTimeout(ServerConnectionException end) {
        return Stream.<Throwable>iterate(end, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof IOException && String.valueOf(cause.getMessage()).contains("timed out"));
    }

    /** Returns the address and port of the peer. */
    String peer() {
        return socket.remotePeer().host() + ":" + socket.remotePeer().port();
    }

    /** Ends the response, but not the connection. */
    @Override
    public void close() {
        send(BufferData.create(LAST_CHUNK));
    }

    private void send(BufferData data) {
        try {
            Consumer<BufferData> first = opening;
            if (first != null) {
                opening = null;
                first.accept(data);
            } else {
                writer.writeNow(data);
            }
        } catch (UncheckedIOException | SocketWriterException e) {
            throw new ServerConnectionException("the connection of an event stream cannot be written", e);
        }
    }
}
