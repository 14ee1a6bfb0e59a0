package dev.ssehub.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.ssehub.hub.Hub;
import dev.ssehub.hub.TopicSelector;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.MethodPredicate;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.staticcontent.ClasspathHandlerConfig;
import io.helidon.webserver.staticcontent.StaticContentFeature;
import io.helidon.webserver.staticcontent.StaticContentConfig;

/** The web server around a hub: its endpoint, the page, and the health check. */
public final class HubServer implements AutoCloseable {

    /** Where the health check is. */
    public static final String HEALTH_PATH = "/observe/health";

    private static final System.Logger LOG = System.getLogger(HubServer.class.getName());
    private static final String PAGE = "/static/index.html";
    private static final MethodPredicate READ = Method.predicate(Method.GET, Method.HEAD);
    private static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");
    /**
     * The kernel's own would grow to megabytes for a slow client, and a write that waits goes on when a third of it is free:
     * that would look like a client that does not read at all.
     */
    private static final int SEND_BUFFER = 64 * 1024;
    private static final int RESERVED_FILES = 256;
    private static final int LEAST_FILES = 2 * RESERVED_FILES;

    private final WebServer server;

    /**
     * What an operator can set about the server.
     *
     * @param host
     *            the address to listen on
     * @param port
     *            the port to listen on, 0 for any that is free
     * @param path
     *            where the hub's endpoint is
     * @param defaultTopics
     *            what a subscriber gets who names no topic
     * @param retry
     *            how long browsers are told to wait before they reconnect
     * @param writeTimeout
     *            a connection whose client has not acknowledged what was sent for this long is ended
     */
    public record Settings(String host, int port, String path, List<TopicSelector> defaultTopics, Duration retry,
            Duration writeTimeout) {}

    private HubServer(WebServer server) {
        this.server = server;
    }

    /**
     * A server that listens until it is closed.
     *
     * @throws IOException
     *             if there is no such address, the port is taken or not allowed, or the process may have too few files open;
     *             the message says which
     */
    public static HubServer start(Settings settings, Hub hub) throws IOException {
        if (fileLimit() < LEAST_FILES) {
            throw new IOException("the process may have " + fileLimit() + " files open (ulimit -n), and needs " + LEAST_FILES);
        }
        tryToListen(settings.host(), settings.port());
        WebServer server = configure(WebServer.builder(), settings, hub).build().start();
        if (!server.isRunning()) {
            throw new IOException("the web server did not start");
        }
        if (!PeerTimeout.set(server.port(), settings.writeTimeout())) {
            LOG.log(Level.INFO, "on this system, a client that vanishes without a word is not noticed before TCP gives up");
        }
        return new HubServer(server);
    }

    /** Helidon only logs that it could not listen. */
    private static void tryToListen(String host, int port) throws IOException {
        try (ServerSocket trial = new ServerSocket()) {
            trial.setReuseAddress(true);
            trial.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw new IOException("unknown host", e);
        }
    }

    static WebServerConfig.Builder configure(WebServerConfig.Builder server, Settings settings, Hub hub) {
        return server.host(settings.host()).port(settings.port())
                // the process ends its streams first, then the server: see Application
                .shutdownHook(false)
                // no delay: each write is a whole event, and the one after it must not wait for an acknowledgement
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER).build())
                // one write per chunk, and less memory per connection
                .useNio(false)
                // beyond the limit of open files the listener would end for good
                .maxTcpConnections((int) Math.min(fileLimit() - RESERVED_FILES, Integer.MAX_VALUE))
                // nothing that happens to be on the class path
                .featuresDiscoverServices(false)
                .addFeature(ObserveFeature.just(HealthObserver.create()))
                .addFeature(StaticContentFeature.create(StaticContentConfig.builder()
                        .addClasspath(ClasspathHandlerConfig.builder()
                                .location("static").context("/static").welcome("index.html")
                                // from the jar, not by way of files in a folder that need not be writable
                                .temporaryStorage(storage -> storage.enabled(false)).build())
                        .buildPrototype()))
                .routing(routing -> route(routing, settings, hub));
    }

    private static void route(HttpRouting.Builder routing, Settings settings, Hub hub) {
        Header discovery = HeaderValues.create(HeaderNames.LINK, "<" + settings.path() + ">; rel=\"mercure\"");
        routing.register(settings.path(), new SseService(hub, settings.defaultTopics(), settings.retry()))
                .route(READ, PathMatchers.exact("/"), (_, response) -> redirect(response, PAGE))
                // an If-Modified-Since that is no date is the client's mistake; Helidon takes it for its own
                .error(DateTimeParseException.class, (_, response, e) -> response.status(Status.BAD_REQUEST_400)
                        .send("a date in the headers cannot be read: " + e.getMessage() + "\n"))
                // for pages that name no icon: browsers ask for this one
                .route(READ, PathMatchers.exact("/favicon.ico"), (_, response) -> redirect(response, "/static/icon.svg"))
                // where the hub is, for pages (Mercure, section 3); and a new version of the page is seen at once
                .any("/static/*", (_, response) -> response.header(discovery).header(REVALIDATE).next());
    }

    private static void redirect(ServerResponse response, String path) {
        response.status(Status.FOUND_302).header(HeaderValues.create(HeaderNames.LOCATION, path)).send();
    }

    /**
     * How a client on this machine reaches a server that listens on this address and port. An address that stands for all of
     * the machine is reached as localhost.
     *
     * @throws UnknownHostException
     *             if there is no such address
     */
    public static String url(String host, int port) throws UnknownHostException {
        InetAddress address = InetAddress.getByName(host);
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        return "http://"
                + (address.isAnyLocalAddress() ? "localhost" : address instanceof Inet6Address ? "[" + literal + "]" : literal)
                + ":" + port;
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Stops listening and ends all connections. The hub is closed before, so that streams end well. */
    @Override
    public void close() {
        server.stop();
    }

    /** How many files, connections among them, the process may have open. */
    private static long fileLimit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }
}
