package dev.ssehub.stream;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ssehub.event.EventEncoder;
import dev.ssehub.metrics.DisconnectReason;
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
import org.jspecify.annotations.Nullable;

/**
 * An {@link SseSink} that also writes several encoded frames at once, as one HTTP chunk (RFC 9112, section 7.1), or as they are if the
 * client speaks HTTP/1.0. Created with
 * {@code response.sink(FrameSink.TYPE)}. The headers are sent with the first write.
 * <p>
 * Only one thread at a time may write, while another thread waits in {@link #awaitDisconnect}. A write blocks while the client's
 * receive window is full. An interrupt ends the write or the wait, and closes the connection.
 */
public final class FrameSink implements SseSink {
    public static final GenericType<FrameSink> TYPE = GenericType.create(FrameSink.class);

    private static final Header NO_CACHE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL,
            "no-cache, no-store, no-transform");
    private static final Header NO_BUFFERING = HeaderValues.createCached("X-Accel-Buffering", "no");
    /** Messages of the kernel (EHOSTUNREACH, ENETUNREACH, EHOSTDOWN). */
    private static final Pattern UNREACHABLE = Pattern.compile("No route to host|is unreachable|Host is down");
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(US_ASCII);

    private final DataWriter writer;
    private final HelidonSocket socket;
    private final boolean usesChunks;
    /** Writes the headers and the first frames. Then set to {@code null}, because it keeps the whole request alive. */
    private @Nullable Consumer<BufferData> opening;

    FrameSink(SinkProviderContext context) {
        OpeningWriter opener = (OpeningWriter) context.connectionContext().dataWriter();
        writer = opener.connection();
        usesChunks = opener.usesChunks();
        socket = context.connectionContext().serverSocket();
        setHeaders(context.serverResponse().headers());
        context.serverResponse().outputStream(); // without this call, the headers cannot be flushed
        opening = first -> opener.writeTogether(context::flushHeaders, first);
    }

    /** Sets the headers of an event stream. They keep proxies from caching, compressing or buffering it. */
    public static void setHeaders(ServerResponseHeaders headers) {
        headers.contentType(MediaTypes.TEXT_EVENT_STREAM);
        headers.set(NO_CACHE);
        headers.set(NO_BUFFERING);
    }

    /** Writes frames, or a part of a frame. Throws a {@link ServerConnectionException} if the connection has failed. */
    void write(List<byte[]> frames) {
        write(frames, new Chunk());
    }

    void write(List<byte[]> frames, Chunk chunk) {
        send(usesChunks ? chunk.of(frames) : chunk.join(frames));
    }

    /** Encodes and writes one event. Its data must be a string. */
    @Override
    public FrameSink emit(SseEvent event) {
        event.comment().ifPresent(comment -> write(List.of(EventEncoder.comment(comment, false))));
        if (event.data() instanceof String text) {
            write(List.of(EventEncoder.event(event.id().orElse(null), event.name().orElse(null), text)));
        } else if (!event.data().equals(SseEvent.NO_DATA)) {
            throw new IllegalArgumentException("the data of an event must be text, not " + event.data().getClass().getName());
        }
        return this;
    }

    /**
     * Blocks until the client closes the connection. Throws a {@link ServerConnectionException} if the connection fails, or the client
     * keeps sending.
     */
    void awaitDisconnect() {
        UnaskedBytes unasked = new UnaskedBytes();
        try {
            for (byte[] sent = socket.get(); sent != null; sent = socket.get()) {
                unasked.add(sent.length); // and discard it
            }
        } catch (UncheckedIOException | IOException e) {
            throw new ServerConnectionException("the connection of an event stream cannot be read", e);
        }
    }

    /**
     * Returns why a stream ends whose connection has failed.
     *
     * @param writing whether a write was in progress
     */
    static DisconnectReason reason(ServerConnectionException end, boolean writing) {
        return Stream.<Throwable>iterate(end, Objects::nonNull, Throwable::getCause).map(cause -> reasonOf(cause, writing))
                .filter(reason -> reason != DisconnectReason.CLIENT_GONE).findFirst().orElse(DisconnectReason.CLIENT_GONE);
    }

    private static DisconnectReason reasonOf(Throwable cause, boolean writing) {
        return switch (cause) {
            case UnaskedBytes.TooMany _ -> DisconnectReason.UNEXPECTED_DATA;
            case SSLHandshakeException _ -> DisconnectReason.UNEXPECTED_DATA; // the client has asked for another handshake
            // the kernel has closed the connection (TCP_USER_TIMEOUT)
            case IOException e when String.valueOf(e.getMessage()).contains("timed out") ->
                writing ? DisconnectReason.TOO_SLOW : DisconnectReason.TIMED_OUT;
            case IOException e when UNREACHABLE.matcher(String.valueOf(e.getMessage())).find() -> DisconnectReason.TIMED_OUT;
            default -> DisconnectReason.CLIENT_GONE;
        };
    }

    String peer() {
        return socket.remotePeer().host() + ":" + socket.remotePeer().port();
    }

    /** Ends the response, but not the connection. */
    @Override
    public void close() {
        if (usesChunks) {
            send(BufferData.create(LAST_CHUNK));
        }
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
