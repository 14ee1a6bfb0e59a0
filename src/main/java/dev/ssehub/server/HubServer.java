package dev.ssehub.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.connection.ConnectionWatch;
import dev.ssehub.connection.HandshakeWatch;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.connection.RequestContext;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.http.Form;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.HeaderBudget;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.tls.TlsContext;
import dev.ssehub.tls.TlsReload;

import io.helidon.common.socket.SocketOptions;
import dev.ssehub.tls.TlsContext;
import dev.ssehub.tls.TlsReload;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;

/** The web server around a hub: its endpoint, the page, and the health check. */
public final class HubServer implements AutoCloseable {

    /** Where the health check is. */
    public static final String HEALTH_PATH = "/observe/health";
    /** Where the active subscriptions are listed; the topics of what is told about them begin with it. */
    public static final String SUBSCRIPTIONS_PATH = Routes.SUBSCRIPTIONS;

    private static final System.Logger LOG = System.getLogger(HubServer.class.getName());
    /**
     * The kernel's own would grow to megabytes for a slow client, and a write that waits goes on when a third of it is free:
     * that would look like a client that does not read at all.
     */
    private static final int SEND_BUFFER = 64 * 1024;
    private static final Duration TLS_INTERVAL = Duration.ofSeconds(5);

    private final WebServer server;
    private final Connections connections;
    private final ConnectionWatch watch;
    private final Optional<TlsReload> tlsReload;

    private HubServer(WebServer server, Connections connections, ConnectionWatch watch,
            Optional<TlsReload> tlsReload) {
        this.server = server;
        this.connections = connections;
        this.watch = watch;
        this.tlsReload = tlsReload;
    }

    /**
     * A server that listens until it is closed.
     *
     * @throws IOException if there is no such address, the port is taken or not allowed, certificate or key are not good, or the
     *     process may have too few files open; the message says which
     */
    public static HubServer start(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters) throws IOException {
        return start(settings, hub, authorizer, meters, TLS_INTERVAL);
    }

    /** @param tlsInterval how often the files of certificate and key are looked at */
    static HubServer start(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters, Duration tlsInterval)
            throws IOException {
        tryToListen(settings.host(), settings.port());
        boolean encrypted = settings.tls().isPresent();
        Connections connections = new Connections(settings.limits(), ProcessLimits.maxConnections(encrypted),
                ProcessLimits.streamMemory(encrypted), meters);
        meters.gauge("sse_hub_connections", "How many connections there are, streams among them.", connections::count);
        ConnectionWatch watch = new ConnectionWatch(connections);
        WebServerConfig.Builder builder = configure(WebServer.builder(), settings, hub, authorizer, meters, connections, watch);
        TlsContext tls = null;
        if (settings.tls().isPresent()) {
            tls = TlsContext.Source.read(settings.tls().get()).load();
            builder.tls(Tls.builder().from(tls.tls().prototype())
                    .manager(new HandshakeWatch(watch, settings.limits().requestTimeout())).build());
        }
        WebServer server = builder.build().start();
        if (!server.isRunning()) {
            throw new IOException("the web server did not start");
        }
        if (!PeerTimeout.set(server.port(), settings.writeTimeout())) {
            LOG.log(Level.INFO, "on this system, a client that vanishes without a word is not noticed before TCP gives up");
        }
        watch.start();
        return new HubServer(server, connections, watch, tls == null
                ? Optional.empty()
                : Optional.of(new TlsReload(settings.tls().orElseThrow(), tlsInterval, tls, server::reloadTls)));
    }

    /** Helidon only logs that it could not listen. */
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
        int headerSize = settings.limits().maxHeaderSize();
        return server.host(settings.host()).port(settings.port())
                // the process ends its streams first, then the server: see Application
                .shutdownHook(false)
                // no delay: each write is a whole event, and the one after it must not wait for an acknowledgement
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER).build())
                // one write per chunk, and less memory per connection
                .useNio(false)
                // EventSource sends the braces of a template as they are; Form is the judge of queries
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new HubConnection.Selector(Http1ConnectionSelector.builder()
                        .config(Http1Config.builder().validatePrologue(false).maxPrologueLength(headerSize)
                                .maxHeadersSize(headerSize).addReceiveListener(new RequestContext.Listener()).build())
                        .build(), settings.limits(), watch, HeaderBudget.ofHeap()))
                .maxTcpConnections(connections.most())
                // nothing that happens to be on the class path
                .featuresDiscoverServices(false)
                .addFeature(ObserveFeature.just(HealthObserver.create()))
                .addFeature(StaticContentFeature.create(StaticContentConfig.builder()
                        .addClasspath(ClasspathHandlerConfig.builder()
                                .location("static").context("/static").welcome("index.html")
                                // from the jar, not by way of files in a folder that need not be writable
                                .temporaryStorage(storage -> storage.enabled(false)).build())
                        .buildPrototype()))
                .directHandlers(DirectErrors.create(meters))
                // the handler above is told what was wrong, and does not pass it on
                .errorHandling(ErrorHandling.builder().includeEntity(true).build())
                .routing(routing -> Routes.add(routing, settings, hub, authorizer, meters));
    }

    /**
     * How a client on this machine reaches a server that listens on this address and port. An address that stands for all of
     * the machine is reached as localhost.
     *
     * @throws UnknownHostException if there is no such address
     */
    public static String url(String host, int port, boolean tls) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(host);
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        return (tls ? "https://" : "http://")
                + (address.isAnyLocalAddress() ? "localhost" : address instanceof Inet6Address ? "[" + literal + "]" : literal)
                + ":" + port;
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** How many connections it may have at a time. */
    public int maxConnections() {
        return connections.most();
    }

    /** How many connections it has now. */
    Connections connections() {
        return connections;
    }

    /** Those of them that wait for a request, or for its answer. */
    ConnectionWatch watch() {
        return watch;
    }

    /** Stops listening and ends all connections. The hub is closed before, so that streams end well. */
    @Override
    public void close() {
        tlsReload.ifPresent(TlsReload::close);
        server.stop();
        watch.close();
    }
}
