package dev.ssehub.connection;

import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

import org.jspecify.annotations.Nullable;

import dev.ssehub.stream.OpeningWriter;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1ConnectionListener;

/**
 * The context of a connection as long as it serves requests. Its reader is its own, and is let go of with it: the connection's
 * would keep the bytes of the last request, cookies and all, until more come.
 */
public record RequestContext(ConnectionContext connection, DataReader dataReader, OpeningWriter dataWriter,
        RequestPhase phase) implements ConnectionContext {

    static RequestContext of(ConnectionContext connection, RequestPhase phase) {
        DataReader before = connection.dataReader();
        HelidonSocket socket = connection.serverSocket();
        return new RequestContext(connection, DataReader.create(() -> read(before, socket, phase)),
                new OpeningWriter(connection.dataWriter()), phase);
    }

    /**
     * First what was read already, to find out which protocol it is, if there is more than one. A client that leaves is said in
     * the one way that Helidon 4.5.0 takes for no error of its own, wherever in its request that was.
     */
    private static byte[] read(DataReader before, HelidonSocket socket, RequestPhase phase) {
        phase.reads();
        int available = before.available();
        byte[] bytes = available > 0 ? before.readBytes(available) : read(socket);
        if (bytes == null) {
            phase.hasEnded();
            throw new CloseConnectionException("the client has left");
        }
        phase.hasRead(bytes);
        return bytes;
    }

    private static byte @Nullable [] read(HelidonSocket socket) {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the connection cannot be read", e);
        }
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
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return connection.proxyProtocolData();
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

    /** Tells each connection how far its request has come. */
    public static final class Listener implements Http1ConnectionListener {

        @Override
        public void prologue(ConnectionContext context, HttpPrologue prologue) {
            ((RequestContext) context).phase.hasFirstLine();
        }

        @Override
        public void headers(ConnectionContext context, Headers headers) {
            ((RequestContext) context).phase.hasHeaders();
        }
    }
}
