package dev.ssehub.server;

import module java.base;
import dev.ssehub.connection.ConnectionWatch;
import dev.ssehub.connection.HandshakeWatch;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.limit.Connections;
import dev.ssehub.tls.TlsContext;
import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import java.lang.System.Logger.Level;

/** A port of the server, and the connections that it accepts. */
final class Listener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());
    /**
     * By default, the kernel's send buffer for a slow client grows to megabytes. A blocked write continues only when a third of the
     * buffer is free, so that the client would look as if it did not read at all.
     */
    private static final int SEND_BUFFER = 64 * 1024;

    private final String name;
    private final Connections connections;
    private final ConnectionWatch watch;
    private volatile Thread thread = Thread.currentThread();

    /**
     * @param name the name of Helidon's socket
     * @param nanoTime the clock of the deadlines of clients
     */
    Listener(String name, Connections connections, LongSupplier nanoTime) {
        this.name = name;
        this.connections = connections;
        this.watch = new ConnectionWatch(connections, nanoTime);
    }

    /** Sets everything about the port except its routes. */
    void configure(ListenerConfig.BuilderBase<?, ?> socket, String host, int port, Optional<TlsContext> tls) {
        socket.host(host).port(port)
                // no delay: a write is a whole event, and the next one must not wait for an acknowledgement
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER).build())
                // one write per chunk and less memory per connection
                .useNio(false).protocolsDiscoverServices(false)
                .addConnectionSelector(new HubConnection.Selector(connections::limits, watch))
                .maxTcpConnections(connections.max())
                // passes the message to the direct handlers, which do not send it
                .errorHandling(ErrorHandling.builder().includeEntity(true).build());
        tls.ifPresent(context -> socket.tls(Tls.builder().from(context.tls().prototype())
                .manager(new HandshakeWatch(watch, () -> connections.limits().requestTimeout())).build()));
    }

    /**
     * Begins to watch the connections. Called once, when the server has started.
     *
     * @param writeTimeout the time after which a connection is closed whose client does not acknowledge the sent bytes
     */
    void start(WebServer server, Duration writeTimeout) {
        // of all such threads in the process, the newest
        thread = Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("server-" + name + "-listener"))
                .max(Comparator.comparingLong(Thread::threadId)).orElseThrow();
        if (!PeerTimeout.set(server.port(name), writeTimeout)) {
            LOG.log(Level.INFO, "this system cannot set TCP_USER_TIMEOUT: the connection of a client that vanished stays open "
                    + "until TCP gives up");
        }
        watch.start();
    }

    /**
     * Returns whether the port accepts connections. If an accept fails, for example because the process has too many open files,
     * Helidon's thread logs an error and stops its own listener. It then waits for itself and never ends.
     */
    boolean isListening() {
        return thread.isAlive() && Stream.of(thread.getStackTrace()).noneMatch(frame -> frame.getMethodName().equals("stop"));
    }

    Connections connections() {
        return connections;
    }

    ConnectionWatch watch() {
        return watch;
    }

    /** Stops watching the connections. Called after the server has stopped. */
    @Override
    public void close() {
        watch.close();
    }
}
