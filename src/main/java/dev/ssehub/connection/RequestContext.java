package dev.ssehub.connection;

import module java.base;
import dev.ssehub.stream.OpeningWriter;
import dev.ssehub.thread.Turns;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.DirectTransportRequest;
import io.helidon.webserver.http1.Http1ConnectionListener;
import org.jspecify.annotations.Nullable;

/**
 * The context of a connection while it serves requests. It has its own reader, because a reader keeps the bytes of the last request,
 * including cookies. A stream does not keep this reader alive.
 */
record RequestContext(ConnectionContext connection, RequestBytes bytes, DataReader dataReader, OpeningWriter dataWriter,
        RequestPhase phase, Turns.Turn turn) implements ConnectionContext {
    static RequestContext of(ConnectionContext connection, RequestPhase phase, ConnectionWatch.Watched watched) {
        DataReader detected = connection.dataReader();
        HelidonSocket socket = connection.serverSocket();
        RequestBytes bytes = new RequestBytes(() -> read(detected, socket, watched));
        DataReader reader = DataReader.create(() -> {
            phase.beforeRead();
            byte[] next = bytes.next();
            phase.afterRead(next);
            return next;
        });
        return new RequestContext(connection, bytes, reader, new OpeningWriter(connection.dataWriter(), watched.turn()::end),
                phase, watched.turn());
    }

    /**
     * Returns first the bytes that Helidon has read to detect the protocol, and then bytes from the socket. If the client has left,
     * throws CloseConnectionException, because Helidon 4.5.0 can treat any other exception as an internal error.
     */
    private static byte[] read(DataReader detected, HelidonSocket socket, ConnectionWatch.Watched watched) {
        watched.turn().end();
        int available = detected.available();
        byte @Nullable [] bytes;
        try {
            bytes = available > 0 ? detected.readBytes(available) : socket.get();
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the connection cannot be read", e);
        }
        if (bytes == null) {
            throw new CloseConnectionException("the client has left");
        }
        watched.turn().begin();
        watched.unasked().subtractData(bytes.length);
        return bytes;
    }

    /** Takes back what the reader has read beyond the headers. */
    private void beginBody(Headers headers) {
        byte[] next = dataReader.available() == 0 ? new byte[0] : dataReader.readBytes(dataReader.available());
        long length;
        try {
            length = headers.contentLength().orElse(0);
        } catch (IllegalArgumentException _) {
            length = Long.MAX_VALUE; // Helidon refuses the request and closes the connection
        }
        bytes.begin(next, headers.contains(HeaderNames.TRANSFER_ENCODING), length);
    }

    @Override
    public ListenerContext listenerContext() {
        return connection.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return connection.executor();
    }

    @Override
    public Router router() {
        return connection.router();
    }

    @Override
    public HelidonSocket serverSocket() {
        return connection.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return connection.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return connection.localPeer();
    }

    @Override
    public boolean isSecure() {
        return connection.isSecure();
    }

    @Override
    public String socketId() {
        return connection.socketId();
    }

    @Override
    public String childSocketId() {
        return connection.childSocketId();
    }

    /** Follows the requests of each connection. Refuses or removes what Helidon fails at. */
    static final class Listener implements Http1ConnectionListener {
        private static final HeaderName NO_NAME = HeaderNames.create("");

        @Override
        public void prologue(ConnectionContext context, HttpPrologue prologue) {
            RequestContext requests = (RequestContext) context;
            requests.turn.begin(); // if this request came in the same read as the last one, the last answer has ended the turn
            // in Helidon 4.5.0, a target such as http:a://x has no path, not even an empty one
            if (!String.valueOf(prologue.uriPath().rawPath()).startsWith("/")) {
                throw malformed("the target has no path")
                        .request(DirectTransportRequest.create(prologue, ServerRequestHeaders.create())).build();
            }
        }

        @Override
        public void headers(ConnectionContext context, Headers headers) {
            RequestContext requests = (RequestContext) context;
            requests.phase.headersComplete();
            requests.beginBody(headers);
            if (headers.contains(NO_NAME)) { // RFC 9110, section 5.1: a name has at least one character
                throw malformed("a header has no name").build();
            }
            // Helidon 4.5.0 answers a range that ends beyond the file with a wrong length. A server may ignore Range (RFC 9110, 14.2)
            if (headers instanceof WritableHeaders<?> writable) {
                writable.remove(HeaderNames.RANGE);
                ContentCoding.hide(writable);
                requests.dataWriter.useChunks(!requests.bytes.isHttp10());
                if (requests.bytes.isHttp10()) {
                    writable.set(HeaderValues.CONNECTION_CLOSE);
                    writable.remove(HeaderNames.EXPECT); // RFC 9110, section 10.1.1
                    if (headers.contains(HeaderNames.TRANSFER_ENCODING)) { // RFC 9112, section 6.1
                        throw malformed("HTTP/1.0 has no chunks").build();
                    }
                }
            }
        }

        private static RequestException.Builder malformed(String message) {
            return RequestException.builder().type(DirectHandler.EventType.BAD_REQUEST).message(message);
        }
    }
}
