package dev.ssehub;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.feed.TimeFeed;
import dev.ssehub.http.HubServer;
import dev.ssehub.hub.Hub;
import dev.ssehub.transport.LocalTransport;

/** The parts of a running hub, wired by hand, and the order in which they start and stop. */
final class Application implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Application.class.getName());

    private final Hub hub;
    private final HubServer server;
    private final Optional<TimeFeed> timeFeed;
    private final Duration drainTimeout;
    private boolean closed;

    private Application(Hub hub, HubServer server, Optional<TimeFeed> timeFeed, Duration drainTimeout) {
        this.hub = hub;
        this.server = server;
        this.timeFeed = timeFeed;
        this.drainTimeout = drainTimeout;
    }

    /**
     * Starts everything. Returns when clients can connect.
     *
     * @throws StartupException
     *             if the address cannot be listened on
     */
    static Application start(HubConfig config) {
        Clock clock = Clock.system(ZoneId.systemDefault());
        Hub hub = new Hub(config.hub(), new LocalTransport(clock));
        HubServer server;
        String url;
        try {
            server = HubServer.start(config.server(), hub, new Authorizer(config.anonymous()));
            url = HubServer.url(config.server().host(), server.port());
        } catch (IOException e) {
            hub.close();
            throw new StartupException("cannot listen on server.host " + config.server().host() + ", server.port "
                    + config.server().port() + ": " + e.getMessage());
        }
        HubConfig.TimeFeedSettings time = config.timeFeed();
        Optional<TimeFeed> timeFeed = time.enabled()
                ? Optional.of(new TimeFeed(hub, time.topic(), time.interval(), clock))
                : Optional.empty();
        LOG.log(Level.INFO, "sse-hub " + Main.version() + " listens on " + config.server().host() + ", port " + server.port()
                + ", for up to " + HubServer.maxConnections() + " connections; open " + url + "/ in a browser");
        return new Application(hub, server, timeFeed, config.drainTimeout());
    }

    int port() {
        return server.port();
    }

    Hub hub() {
        return hub;
    }

    /** Stops: first what publishes, then the streams, each with a proper end, then the server. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        LOG.log(Level.INFO, "stopping, " + hub.subscribers() + " streams to end");
        timeFeed.ifPresent(TimeFeed::close);
        try {
            hub.close(drainTimeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        LOG.log(Level.INFO, "stopped");
    }
}
