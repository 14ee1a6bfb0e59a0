package dev.ssehub.server;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.connection.ConnectionWatch;
import dev.ssehub.feed.AnswersFeed;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.hub.Hub;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.limit.ProcessLimits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.operate.Reload;
import dev.ssehub.tls.TlsContext;
import dev.ssehub.tls.TlsReload;
import dev.ssehub.tracing.Tracing;
import io.helidon.common.tls.Tls;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;

/** The web server of a hub. It serves the endpoint, the demo page, the metrics and the health check. */
public final class HubServer implements AutoCloseable {
    private static final String OBSERVE = "observe";
    /** How many connections the port that observes accepts. Their files are among those that the process has in reserve. */
    private static final int MAX_OBSERVERS = 64;
    private static final Duration TLS_INTERVAL = Duration.ofSeconds(5);

    static {
        // By default, Helidon looks for services on the class path, which takes a third of the start. The hub uses none of them.
        if (!GlobalServiceRegistry.configured()) {
            GlobalServiceRegistry.registry(ServiceRegistryManager.create(ServiceRegistryConfig.builder().discoverServices(false)
                    .discoverServicesFromServiceLoader(false).build()).registry());
        }
    }

    private final Health health;
    private final Served served;
    private final WebServer server;
    private final Listener listener;
    private final Optional<Listener> observer;
    private final Optional<TlsReload> tlsReload;

    /**
     * @param tlsInterval the time between two checks for a new certificate and key
     * @param nanoTime the clock of the deadlines and rates of clients
     */
    HubServer(ServerSettings settings, Hub hub, Cluster cluster, Authorizer authorizer, Meters meters, Tracing tracing,
            Duration tlsInterval, LongSupplier nanoTime) throws IOException {
        Addresses.tryToListen(settings);
        Optional<TlsContext> tls = settings.tls().isPresent()
                ? Optional.of(TlsContext.Source.read(settings.tls().get()).load())
                : Optional.empty();
        health = new Health(hub::outage);
        served = new Served(settings, hub, cluster, authorizer, meters, tracing, health, nanoTime);
        listener = new Listener(WebServer.DEFAULT_SOCKET_NAME,
                new Connections(settings.limits(), ProcessLimits.of(tls.isPresent()), meters), nanoTime);
        addMeters(meters, listener.connections());
        LimitSettings few = settings.limits().withConnections(MAX_OBSERVERS);
        observer = settings.observe().isPresent()
                ? Optional.of(new Listener(OBSERVE, new Connections(few, ProcessLimits.of(tls.isPresent()), meters), nanoTime))
                : Optional.empty();
        WebServerConfig.Builder builder = configure(WebServer.builder(), served, listener, tls);
        observer.ifPresent(port -> builder.putSocket(OBSERVE, observing(served, port, tls)));
        server = builder.build().start();
        if (!server.isRunning()) {
            throw new IOException("the web server did not start");
        }
        listener.start(server, settings.writeTimeout());
        observer.ifPresent(port -> port.start(server, settings.writeTimeout()));
        tlsReload = tls.map(first -> new TlsReload(settings.tls().orElseThrow(), tlsInterval, first, this::reload));
    }

    /**
     * Starts a server, which listens until it is closed.
     *
     * @throws IOException if an address does not exist, a port is in use or forbidden, the certificate or the key cannot be used,
     *     or the process may open too few files; the message says which
     */
    public static HubServer start(ServerSettings settings, Hub hub, Authorizer authorizer, Meters meters) throws IOException {
        return start(settings, hub, Cluster.alone(), authorizer, meters, Tracing.NONE);
    }

    /** Like {@link #start(ServerSettings, Hub, Authorizer, Meters)}, for one of several nodes, and makes a span of each publish. */
    public static HubServer start(ServerSettings settings, Hub hub, Cluster cluster, Authorizer authorizer, Meters meters,
            Tracing tracing) throws IOException {
        return new HubServer(settings, hub, cluster, authorizer, meters, tracing, TLS_INTERVAL, System::nanoTime);
    }

    private static void addMeters(Meters meters, Connections connections) {
        meters.gauge("sse_hub_connections", "How many connections are open, event streams included.", connections::count);
        meters.gauge("sse_hub_connections_max", "How many connections there may be.", connections::max);
        meters.gauge("sse_hub_streams_max", "How many of the connections may be event streams.", connections::maxStreams);
    }

    static WebServerConfig.Builder configure(WebServerConfig.Builder server, Served served, Listener listener,
            Optional<TlsContext> tls) {
        ServerSettings settings = served.settings();
        listener.configure(server, settings.host(), settings.port(), tls);
        // Application closes the hub, and with it the streams, before the server
        return server.shutdownHook(false)
                // only these features, whatever is on the class path
                .featuresDiscoverServices(false)
                .addFeature(StaticContentFeature.create(StaticContentConfig.builder()
                        .addClasspath(ClasspathHandlerConfig.builder()
                                .location("static").context("/static").welcome("index.html")
                                .sockets(settings.observe().isPresent()
                                        ? Set.of(WebServer.DEFAULT_SOCKET_NAME, OBSERVE)
                                        : Set.of())
                                // no copies of the files: the temporary folder may not be writable
                                .temporaryStorage(storage -> storage.enabled(false)).build())
                        .buildPrototype()))
                .directHandlers(DirectErrors.create(served.meters(), served.pages())) // of both ports
                .routing(routing -> Routes.add(routing, served));
    }

    private static ListenerConfig observing(Served served, Listener listener, Optional<TlsContext> tls) {
        ServerSettings.Observe settings = served.settings().observe().orElseThrow();
        ListenerConfig.Builder socket = ListenerConfig.builder().name(OBSERVE);
        listener.configure(socket, settings.host(), settings.port(), tls);
        return socket.routing(routing -> Routes.addObserving(routing, served))
                .build();
    }

    /** Replaces the settings that need no restart. Open connections and streams stay. */
    public void apply(ServerSettings next, Authorizer authorizer) {
        served.apply(next, authorizer);
        listener.connections().apply(next.limits());
        observer.ifPresent(port -> port.connections().apply(next.limits().withConnections(MAX_OBSERVERS)));
    }

    /** Sets what reads the configuration again when an operator asks for it. Called once, when the hub has started. */
    public void onReload(Reload action) {
        served.operate().onReload(action);
    }

    /** Sets what returns the source of answers, if it is enabled. Called once, before the hub is ready. */
    public void onQuestion(Supplier<Optional<AnswersFeed>> source) {
        served.answers().onQuestion(source);
    }

    private void reload(Tls tls) {
        server.reloadTls(tls);
        if (observer.isPresent()) {
            server.reloadTls(OBSERVE, tls);
        }
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

    /** Returns whether the server accepts connections, on both ports if there are two. */
    public boolean isListening() {
        return listener.isListening() && observer.map(Listener::isListening).orElse(true);
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return server.port();
    }

    /** Returns the URL by which clients on this machine reach the public port. */
    public String url() {
        return url(served.settings().host(), port());
    }

    /** Returns the URL by which clients on this machine reach the port that serves health, metrics and operation. */
    public String observeUrl() {
        ServerSettings settings = served.settings();
        return url(settings.observe().map(ServerSettings.Observe::host).orElse(settings.host()), observePort());
    }

    private String url(String host, int port) {
        try {
            return url(host, port, served.settings().tls().isPresent());
        } catch (UnknownHostException e) { // the name had an address when the server started
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port that serves health and metrics: one of their own, or the public one. */
    public int observePort() {
        return observer.isPresent() ? server.port(OBSERVE) : server.port();
    }

    /** Returns the health of the hub. The caller tells it when the hub has started, and when it begins to stop. */
    public Health health() {
        return health;
    }

    /** Returns the highest number of connections at a time. */
    public int maxConnections() {
        return listener.connections().max();
    }

    Connections connections() {
        return listener.connections();
    }

    ConnectionWatch watch() {
        return listener.watch();
    }

    /** Waits until the requests under way are answered, but not longer than this. Called when the hub takes no more events. */
    public void awaitAnswers(Duration timeout) throws InterruptedException {
        served.endpoint().endPublishing();
        served.underWay().awaitNone(timeout);
    }

    /** Stops listening and closes all connections. Close the hub first, so that its streams end properly. */
    @Override
    public void close() {
        tlsReload.ifPresent(TlsReload::close);
        server.stop();
        listener.close();
        observer.ifPresent(Listener::close);
    }
}
