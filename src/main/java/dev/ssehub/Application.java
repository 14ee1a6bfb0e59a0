package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.joining;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.config.HistoryFile;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.feed.Feed;
import dev.ssehub.feed.LogFeed;
import dev.ssehub.feed.StdinFeed;
import dev.ssehub.feed.SystemFeed;
import dev.ssehub.feed.TimeFeed;
import dev.ssehub.history.History;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.hub.DrainSettings;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.server.HubServer;
import dev.ssehub.server.ServerSettings;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import java.lang.System.Logger.Level;

/**
 * A running hub.
 *
 * @param drain how {@link #close} ends the streams
 * @param closed whether {@link #close} was called
 */
record Application(Hub hub, HubServer server, Authorizer authorizer, List<Feed> feeds, DrainSettings drain,
        AtomicBoolean closed) implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Application.class.getName());

    /**
     * Starts the hub. Returns when clients can connect.
     *
     * @param stdinTopic the topic to which lines of the standard input are published; empty if they are not
     * @param clock tells when tokens and events are too old, and the time that the feeds publish
     * @throws StartupException if the server cannot start, or the file of the history or a key for tokens cannot be used
     */
    static Application start(HubConfig config, Optional<TopicSelector.Exact> stdinTopic, Clock clock) {
        Deque<Runnable> opened = new ArrayDeque<>();
        boolean started = false;
        try {
            Authorizer authorizer = authorizer(config, clock);
            opened.push(authorizer::close);
            Meters meters = new Meters();
            Hub hub = hub(config, meters, clock, opened);
            HubServer server = HubServer.start(config.server(), hub, authorizer, meters);
            opened.push(server::close);
            List<Feed> feeds = new ArrayList<>();
            opened.push(() -> feeds.forEach(Feed::close));
            addFeeds(feeds, config.feeds(), hub, clock);
            stdinTopic.ifPresent(topic -> feeds.add(new StdinFeed(hub, topic.text())));
            logStart(config, server, authorizer);
            server.health().started();
            started = true;
            return new Application(hub, server, authorizer, feeds, config.drain(), new AtomicBoolean());
        } catch (IOException e) {
            throw new StartupException(config.reader().locate(e.getMessage()));
        } finally {
            if (!started) {
                opened.forEach(Runnable::run);
            }
        }
    }

    /** Starts the hub itself. Nothing of SQLite is loaded if the history is in memory. */
    private static Hub hub(HubConfig config, Meters meters, Clock clock, Deque<Runnable> opened) throws IOException {
        LocalTransport transport = new LocalTransport(clock);
        Hub hub;
        if (config.historyFile().isPresent()) {
            HistoryFile file = config.historyFile().get();
            History history = FileHistory.open(file.path(), file.sync(), config.hub().history(), meters, clock);
            opened.push(history::close);
            hub = new Hub(config.hub(), history, transport, meters, clock);
        } else {
            hub = new Hub(config.hub(), transport, meters, clock);
        }
        opened.push(hub::close);
        Gauges.add(meters, hub, config::hub, clock);
        return hub;
    }

    private static void logStart(HubConfig config, HubServer server, Authorizer authorizer) throws IOException {
        LOG.log(Level.INFO, "without a token, everyone may publish to " + texts(config.anonymous().publish())
                + " and subscribe to " + texts(config.anonymous().subscribe())
                + (authorizer.takesTokens() ? "; tokens grant more" : "; no tokens are taken"));
        config.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        String url = HubServer.url(config.server().host(), server.port(), config.server().tls().isPresent());
        LOG.log(Level.INFO, "sse-hub " + Version.text() + " listens on " + config.server().host() + ", port " + server.port()
                + ", for up to " + server.maxConnections() + " connections; open " + url + "/ in a browser");
        if (config.server().observe().isPresent()) {
            ServerSettings.Observe observe = config.server().observe().get();
            LOG.log(Level.INFO, "health and metrics are on " + observe.host() + ", port " + server.observePort() + ": "
                    + HubServer.url(observe.host(), server.observePort(), config.server().tls().isPresent())
                    + "/observe/health/ready");
        }
    }

    private static String texts(List<TopicSelector> selectors) {
        return selectors.isEmpty() ? "nothing" : selectors.stream().map(TopicSelector::text).collect(joining(", "));
    }

    private static Authorizer authorizer(HubConfig config, Clock clock) {
        if (config.tokens().isEmpty()) {
            return new AnonymousAuthorizer(config.anonymous());
        }
        try {
            return JwtAuthorizer.create(config.tokens().get(), config.anonymous(), clock);
        } catch (IllegalArgumentException e) {
            throw new StartupException(config.reader().locate(e.getMessage()));
        }
    }

    private static void addFeeds(List<Feed> feeds, HubConfig.Feeds config, Hub hub, Clock clock) {
        if (config.time().enabled()) {
            feeds.add(new TimeFeed(hub, config.time().topic(), config.time().interval(), clock));
        }
        if (config.system().enabled()) {
            feeds.add(new SystemFeed(hub, config.system().topic(), config.system().interval(), clock));
        }
        if (config.log().enabled()) {
            feeds.add(new LogFeed(hub, config.log().topic(), config.log().interval(), config.logFile(), clock));
        }
    }

    int port() {
        return server.port();
    }

    /** Stops the feeds, then ends the streams, then stops the server. A second call waits for the first and does nothing. */
    @Override
    public synchronized void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        server.health().stopping();
        LOG.log(Level.INFO, "stopping, " + hub.subscribers() + " streams to end");
        feeds.forEach(Feed::close);
        try {
            hub.close(drain.timeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        authorizer.close();
        LOG.log(Level.INFO, "stopped");
    }
}
