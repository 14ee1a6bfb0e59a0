package dev.ssehub.server;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.connection.ConnectionWatch;
import dev.ssehub.connection.HandshakeWatch;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.tls.TlsContext;
import dev.ssehub.tls.TlsReload;
import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import java.lang.System.Logger.Level;

/** The web server of a hub. It serves the endpoint, the demo page, the metrics and the health check. */
public final class HubServer implements AutoCloseable {
    static final String HEALTH_PATH = "/observe/health";

    private static final System.Logger LOG = System.getLogger(HubServer.class.getName());
    /**
     * By default, the kernel's send buffer for a slow client grows to megabytes. A blocked write continues only when a third of the
     * buffer is free, so that the client would look as if it did not read at all.
     */
    private static final int SEND_BUFFER = 64 * 1024;
    private static final String LISTENER = "server-@default-listener";
    private static final Duration TLS_INTERVAL = Duration.ofSeconds(5);

    private final WebServer server;
    private final Thread listener;
    private final Connections connections;
    private final ConnectionWatch watch;
    private final Optional<TlsReload> tlsReload;

    /** @param tlsInterval the time between two checks for a new certificate and key */
    HubServer(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters, Duration tlsInterval) throws IOException {
        tryToListen(settings.host(), settings.port());
        TlsContext tls = settings.tls().isPresent() ? TlsContext.Source.read(settings.tls().get()).load() : null;
        connections = new Connections(settings.limits(), ProcessLimits.of(settings.tls().isPresent()), meters);
        meters.gauge("sse_hub_connections", "The number of open connections, event streams included.", connections::count);
        watch = new ConnectionWatch(connections);
        WebServerConfig.Builder builder = configure(WebServer.builder(), settings, hub, authorizer, meters, connections, watch);
        if (tls != null) {
            builder.tls(Tls.builder().from(tls.tls().prototype())
                    .manager(new HandshakeWatch(watch, () -> connections.limits().requestTimeout())).build());
        }
        server = builder.build().start();
        if (!server.isRunning()) {
            throw new IOException("the web server did not start");
        }
        listener = findListener();
        if (!PeerTimeout.set(server.port(), settings.writeTimeout())) {
            LOG.log(Level.INFO, "this system cannot set TCP_USER_TIMEOUT: the connection of a client that vanished stays open "
                    + "until TCP gives up");
        }
        watch.start();
        tlsReload = settings.tls()
                .map(files -> new TlsReload(files, tlsInterval, Objects.requireNonNull(tls), server::reloadTls));
    }

    /**
     * Starts a server, which listens until it is closed.
     *
     * @throws IOException if the address does not exist, the port is in use or forbidden, the certificate or the key cannot be used,
     *     or the process may open too few files; the message says which
     */
    public static HubServer start(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters) throws IOException {
        return new HubServer(settings, hub, authorizer, meters, TLS_INTERVAL);
    }

    /** Fails if the server could not listen: Helidon only logs that. */
    private static void tryToListen(String host, int port) throws IOException {
        try (ServerSocket trial = new ServerSocket()) {
            trial.setReuseAddress(true);
            trial.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw new IOException("cannot listen on server.host " + host + ", server.port " + port + ": "
                    + (e instanceof UnknownHostException ? "unknown host" : e.getMessage()), e);
        }
    }

    static WebServerConfig.Builder configure(WebServerConfig.Builder server, ServerSettings settings, Hub hub,
            Authorizer authorizer, Meters meters, Connections connections, ConnectionWatch watch) {
        CrossOrigin pages = Routes.pages(settings.endpoint());
        return server.host(settings.host()).port(settings.port())
                // Application closes the hub, and with it the streams, before the server
                .shutdownHook(false)
                // no delay: a write is a whole event, and the next one must not wait for an acknowledgement
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER).build())
                // one write per chunk and less memory per connection
                .useNio(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new HubConnection.Selector(connections::limits, watch))
                .maxTcpConnections(connections.max())
                // only these features, whatever is on the class path
                .featuresDiscoverServices(false)
                .addFeature(ObserveFeature.just(HealthObserver.create()))
                .addFeature(StaticContentFeature.create(StaticContentConfig.builder()
                        .addClasspath(ClasspathHandlerConfig.builder()
                                .location("static").context("/static").welcome("index.html")
                                // no copies of the files: the temporary folder may not be writable
                                .temporaryStorage(storage -> storage.enabled(false)).build())
                        .buildPrototype()))
                .directHandlers(DirectErrors.create(meters, pages))
                // passes the message to the handlers above, which do not send it
                .errorHandling(ErrorHandling.builder().includeEntity(true).build())
                .routing(routing -> Routes.add(routing, settings, pages, hub, authorizer, meters));
    }

    /**
     * Returns the URL by which clients on this machine reach a server that listens on this address and port. The host is localhost if
     * the address stands for all addresses of the machine.
     *
     * @throws UnknownHostException if the address does not exist
     */
    public static String url(String host, int port, boolean tls) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(host);
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        return (tls ? "https://" : "http://")
                + (address.isAnyLocalAddress() ? "localhost" : address instanceof Inet6Address ? "[" + literal + "]" : literal)
                + ":" + port;
    }

    /** Finds the thread of Helidon that accepts connections: of all such threads in the process, the newest. */
    private static Thread findListener() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals(LISTENER))
                .max(Comparator.comparingLong(Thread::threadId)).orElseThrow();
    }

    /**
     * Returns whether the server accepts connections. If an accept fails, for example because the process has too many open files,
     * Helidon's thread logs an error and stops its own listener. It then waits for itself and never ends.
     */
    public boolean isListening() {
        return listener.isAlive()
                && Stream.of(listener.getStackTrace()).noneMatch(frame -> frame.getMethodName().equals("stop"));
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return server.port();
    }

    /** Returns the highest number of connections at a time. */
    public int maxConnections() {
        return connections.max();
    }

    Connections connections() {
        return connections;
    }

    ConnectionWatch watch() {
        return watch;
    }

    /** Stops listening and closes all connections. Close the hub first, so that its streams end properly. */
    @Override
    public void close() {
        tlsReload.ifPresent(TlsReload::close);
        server.stop();
        watch.close();
    }
}
