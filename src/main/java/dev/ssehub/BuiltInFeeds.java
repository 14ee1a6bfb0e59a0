package dev.ssehub;

import module java.base;
import dev.ssehub.cluster.Leases;
import dev.ssehub.cluster.Scope;
import dev.ssehub.config.HubConfig;
import dev.ssehub.feed.AnswersFeed;
import dev.ssehub.feed.Feed;
import dev.ssehub.feed.LogFeed;
import dev.ssehub.feed.Reach;
import dev.ssehub.feed.SystemFeed;
import dev.ssehub.feed.TimeFeed;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.metrics.Meters;
import dev.ssehub.relay.RelayFeed;
import dev.ssehub.relay.RelaySettings;

/** The feeds that the configuration enables. Their settings can be replaced while the hub runs. Thread-safe. */
final class BuiltInFeeds implements AutoCloseable {
    private static final String ANSWERS = "answers";
    private static final String RELAY = "relay-";

    private final Hub hub;
    private final Clock clock;
    private final Leases leases;
    private final LongAdder relayLosses = new LongAdder();
    /** Guarded by the monitor, which is held while feeds stop. */
    private final Map<String, Running> running = new HashMap<>();
    /** A copy for threads that must not wait until feeds have stopped. */
    private volatile Map<String, Running> readable = Map.of();
    private volatile boolean closed;

    /** A feed, and the settings that it has, with which a changed feed can be told from an unchanged one. */
    private record Running(Object settings, Feed feed) {}

    /**
     * @param clock tells the time that the feeds publish, and when they read
     * @param leases decide which node publishes the events of a feed that one node publishes for all
     */
    BuiltInFeeds(Hub hub, Clock clock, Leases leases) {
        this.hub = hub;
        this.clock = clock;
        this.leases = leases;
    }

    /** Starts the feeds that are enabled, stops those that are not, and starts a feed with other settings anew. */
    synchronized void apply(HubConfig.Feeds feeds) {
        if (closed) {
            return;
        }
        HubConfig.FeedSettings time = feeds.time();
        apply("time", time, time, reach -> new TimeFeed(hub, time.topic(), time.interval(), clock, reach));
        HubConfig.FeedSettings system = feeds.system();
        apply("system", system, system, reach -> new SystemFeed(hub, system.topic(), system.interval(), clock, reach));
        HubConfig.FeedSettings log = feeds.log();
        apply("log", log, List.of(log, feeds.logFile()),
                reach -> new LogFeed(hub, log.topic(), log.interval(), feeds.logFile(), clock, reach));
        HubConfig.FeedSettings answers = feeds.answers();
        apply(ANSWERS, answers, answers, _ -> new AnswersFeed(hub, answers.topic(), answers.interval(), clock));
        applyRelays(feeds.relays());
        readable = Map.copyOf(running);
    }

    /** A relay whose settings have changed continues at the place of the old one. Without relays, RelayFeed is not loaded. */
    private void applyRelays(List<RelaySettings> relays) {
        Map<String, Running> gone = new HashMap<>(running);
        gone.keySet().removeIf(name -> !name.startsWith(RELAY));
        for (RelaySettings relay : relays) {
            String name = RELAY + relay.key();
            Running before = gone.remove(name);
            apply(name, true, relay.scope(), relay, reach -> new RelayFeed(hub, relay, reach,
                    before != null && before.feed() instanceof RelayFeed same ? same.place() : null,
                    relayLosses::increment));
        }
        closeAll(gone.values());
        running.keySet().removeAll(gone.keySet());
    }

    /** Closes feeds at the same time, because each may wait for its thread. */
    private static void closeAll(Collection<Running> feeds) {
        try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
            feeds.forEach(each -> closing.execute(each.feed()::close));
        }
    }

    /** Returns the number of relays that should have a connection to their server and have none. */
    private long relaysDown() {
        return readable.values().stream().filter(each -> each.feed() instanceof RelayFeed relay && relay.isDown()).count();
    }

    /**
     * Returns the source of answers, if it is enabled.
     *
     * @throws HubClosedException after {@link #close}
     */
    Optional<AnswersFeed> answers() {
        if (closed) {
            throw new HubClosedException();
        }
        Running answers = readable.get(ANSWERS);
        return answers != null && answers.feed() instanceof AnswersFeed feed ? Optional.of(feed) : Optional.empty();
    }

    void addMeters(Meters meters) {
        meters.gauge("sse_hub_relays_down", "How many relays of this node should be connected to their server and are not.",
                this::relaysDown);
        meters.counter("sse_hub_relay_losses_total",
                "How often a relay of this node missed events, because its server had lost them, or left out an event.",
                relayLosses::doubleValue);
    }

    private void apply(String name, HubConfig.FeedSettings settings, Object identity, Function<Reach, Feed> start) {
        apply(name, settings.enabled(), settings.scope(), identity, start);
    }

    private void apply(String name, boolean enabled, Scope scope, Object identity, Function<Reach, Feed> start) {
        Running before = running.get(name);
        if (before != null && enabled && before.settings().equals(identity)) {
            return;
        }
        if (before != null) {
            before.feed().close();
            running.remove(name);
        }
        if (enabled) {
            running.put(name, new Running(identity, start.apply(reach(name, scope))));
        }
    }

    private Reach reach(String name, Scope scope) {
        return scope == Scope.NODE ? Reach.NODE : new Reach(leases.open("feed-" + name), false);
    }

    /** Stops all feeds. Afterwards, no feed starts. Closing again does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        closeAll(running.values());
        running.clear();
        readable = Map.of();
    }
}
