package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.joining;

import dev.ssehub.config.ConfigChanges;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.feed.StdinFeed;
import dev.ssehub.history.History;
import dev.ssehub.history.database.HistoryFile;
import dev.ssehub.history.file.FileHistory;
import dev.ssehub.hub.Drain;
import dev.ssehub.hub.DrainSettings;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.Meters;
import dev.ssehub.operate.Reload;
import dev.ssehub.server.HubServer;
import dev.ssehub.thread.Turns;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.OtlpTracing;
import dev.ssehub.tracing.Tracing;
import java.lang.System.Logger.Level;
import java.lang.reflect.UndeclaredThrowableException;

/**
 * A running hub.
 *
 * @param stdin the feed of the standard input, if it is published
 * @param closed whether {@link #close} was called
 */
record Application(ClusterConnection connection, Hub hub, HubServer server, LiveConfig config, BuiltInFeeds feeds,
        Optional<StdinFeed> stdin, Tracing tracing, AtomicBoolean closed) implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Application.class.getName());

    /**
     * Starts the hub. Returns when clients can connect.
     *
     * @param source reads the configuration, now and for each {@link #reload}
     * @param stdinTopic the topic to which lines of the standard input are published; empty if they are not
     * @param clock tells when tokens and events are too old, and the time that the feeds publish
     * @throws StartupException if the server cannot start, or the file of the history or a key for tokens cannot be used
     */
    static Application start(Supplier<HubConfig> source, Optional<TopicSelector.Exact> stdinTopic, Clock clock) {
        LiveConfig live = new LiveConfig(source, clock);
        HubConfig config = live.current();
        Deque<Runnable> opened = new ArrayDeque<>();
        boolean started = false;
        try {
            opened.push(live::close);
            Meters meters = new Meters();
            ClusterConnection connection = ClusterConnection.connect(config, clock);
            opened.push(connection::close);
            Hub hub = hub(config, connection.transport(), meters, clock, opened);
            Tracing tracing = tracing(config);
            opened.push(tracing::close);
            HubServer server = HubServer.start(config.server(), hub, connection.cluster(), live.authorizer(), meters,
                    tracing);
            opened.push(server::close);
            live.watchKeys(hub);
            BuiltInFeeds feeds = new BuiltInFeeds(hub, clock, connection.cluster().leases());
            opened.push(feeds::close);
            feeds.apply(config.feeds());
            server.onQuestion(feeds::answers);
            Optional<StdinFeed> stdin = stdinTopic.map(topic -> new StdinFeed(hub, topic.text()));
            Application application = new Application(connection, hub, server, live, feeds, stdin, tracing,
                    new AtomicBoolean());
            server.onReload(application::reloadFor);
            live.addMeters(meters);
            feeds.addMeters(meters);
            if (config.addressFile().isPresent()) {
                AddressFile.write(config.addressFile().get(), server.observeUrl());
            }
            server.health().started();
            started = true;
            return application;
        } catch (IOException | UncheckedIOException e) {
            throw new StartupException(config.reader().locate(String.valueOf(e.getMessage())));
        } finally {
            if (!started) {
                opened.forEach(Runnable::run);
            }
        }
    }

    /** Starts the hub itself. Nothing of SQLite is loaded if the history is in memory. */
    private static Hub hub(HubConfig config, Transport transport, Meters meters, Clock clock, Deque<Runnable> opened)
            throws IOException {
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
        Gauges.add(meters, hub, clock);
        return hub;
    }

    /** Nothing of OpenTelemetry is loaded if no spans are sent. */
    private static Tracing tracing(HubConfig config) {
        return config.tracing().isPresent() ? OtlpTracing.start(config.tracing().get()) : Tracing.NONE;
    }

    /** @param configuration the values that differ from the defaults, without secrets */
    private record Started(Runtime.Version java, long pid, Map<String, String> configuration) {}

    /** Logs that the hub has started, and how. The caller has first made sure that a signal stops the hub properly. */
    void logStart() {
        HubConfig config = this.config.current();
        SequencedMap<String, String> changed = new LinkedHashMap<>();
        config.reader().settings().stream().filter(setting -> !setting.isDefault())
                .forEach(setting -> changed.put(setting.key(), setting.unquoted()));
        LOG.log(Level.INFO, "sse-hub " + Version.text() + " starts",
                new Started(Runtime.version(), ProcessHandle.current().pid(), changed));
        LOG.log(Level.INFO, "without a token, everyone may publish to " + texts(config.anonymous().publish())
                + " and subscribe to " + texts(config.anonymous().subscribe())
                + (this.config.authorizer().takesTokens() ? "; tokens grant more" : "; no tokens are taken"));
        config.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        LOG.log(Level.INFO, "sse-hub " + Version.text() + " listens on " + config.server().host() + ", port " + server.port()
                + ", for up to " + server.maxConnections() + " connections"
                + (config.server().page() ? "; open " + server.url() + "/ in a browser" : ""));
        if (config.server().observe().isPresent()) {
            LOG.log(Level.INFO, "health, metrics and operation are at " + server.observeUrl() + "/observe");
        }
    }

    private static String texts(List<TopicSelector> selectors) {
        return selectors.isEmpty() ? "nothing" : selectors.stream().map(TopicSelector::text).collect(joining(", "));
    }

    /** Reads the configuration again, see {@link LiveConfig#reload}. */
    ConfigChanges reload(String by) {
        return config.reload(hub, server, feeds, by);
    }

    private Reload.Result reloadFor(String operator) {
        requireOpen();
        FutureTask<ConfigChanges> reload = new FutureTask<>(() -> reload(operator));
        Turns.withoutTurn(reload); // it can wait for keys, for the file, and for another reload
        if (reload.state() == Future.State.SUCCESS) {
            return new Reload.Result(reload.resultNow().applied(), reload.resultNow().afterRestart());
        }
        requireOpen();
        throw reload.exceptionNow() instanceof StartupException e
                ? new IllegalArgumentException(e.getMessage(), e)
                : new UndeclaredThrowableException(reload.exceptionNow());
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the hub is stopping");
        }
    }

    int port() {
        return server.port();
    }

    /**
     * Stops the hub: it is not ready any more, and some time later, the feeds stop, publishers and new streams are refused, the streams
     * end, the requests under way are answered, and the server stops. A second call waits for the first and does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        server.health().stopping();
        boolean interrupted = false;
        try {
            drainStreams();
        } catch (InterruptedException _) {
            interrupted = true;
        }
        feeds.close(); // if the wait was interrupted, they still publish
        stdin.ifPresent(StdinFeed::close);
        hub.close();
        server.close();
        connection.close();
        tracing.close();
        config.close();
        LOG.log(Level.INFO, "stopped");
        if (interrupted) { // not earlier: the server could not stop
            Thread.currentThread().interrupt();
        }
    }

    private void drainStreams() throws InterruptedException {
        DrainSettings drain = config.current().drain();
        awaitLoadBalancers(drain.delay());
        LOG.log(Level.INFO, "stopping, " + hub.subscribers() + " streams to end");
        feeds.close();
        stdin.ifPresent(StdinFeed::close);
        long begin = System.nanoTime();
        hub.close(new Drain(drain.timeout(), config.current().server().endpoint().retry(), drain.retrySpread()));
        server.awaitAnswers(drain.timeout().minusNanos(System.nanoTime() - begin));
    }

    private static void awaitLoadBalancers(Duration delay) throws InterruptedException {
        if (delay.isPositive()) {
            LOG.log(Level.INFO, "not ready any more; the hub stops in "
                    + BigDecimal.valueOf(delay.toMillis(), 3).stripTrailingZeros().toPlainString() + " seconds");
            Thread.sleep(delay); // nothing tells when all load balancers have noticed
        }
    }
}
