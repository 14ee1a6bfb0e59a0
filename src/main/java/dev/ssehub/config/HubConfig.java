package dev.ssehub.config;

import module java.base;
import dev.ssehub.access.EndpointSettings;
import dev.ssehub.access.Mercure;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.cluster.Scope;
import dev.ssehub.history.database.HistoryFile;
import dev.ssehub.hub.DrainSettings;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.logging.LogFormat;
import dev.ssehub.logging.LoggingSettings;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.relay.RelaySettings;
import dev.ssehub.server.ServerSettings;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.TracingSettings;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, read and checked.
 *
 * @param historyFile the file of the history; empty if the history is in memory
 * @param redis how this hub reaches the others; empty if it is the only one
 * @param anonymous what clients may do without a token
 * @param tokens how tokens are checked; empty if the hub accepts no tokens
 * @param drain how the hub stops
 * @param addressFile the file that tells scripts where health and metrics are; empty if the hub writes no such file
 * @param feeds the built-in sources of events
 * @param logging how the hub logs
 * @param tracing where spans are sent; empty if none are made
 * @param warnings a sentence about each setting that is allowed but probably not intended
 * @param reader where each key was set, for mistakes that are found only when the hub uses a value
 */
public record HubConfig(ServerSettings server, HubSettings hub, Optional<HistoryFile> historyFile,
        Optional<RedisSettings> redis, Grant anonymous,
        Optional<TokenSettings> tokens, DrainSettings drain, Optional<Path> addressFile, Feeds feeds, LoggingSettings logging,
        Optional<TracingSettings> tracing, List<String> warnings, ConfigReader reader) {
    /** The environment variable that names the configuration file. */
    public static final String FILE = "SSE_HUB_CONFIG";

    /**
     * The built-in feeds.
     *
     * @param logFile the file that the feed {@code log} follows; empty if there is none
     * @param answers the source of answers; its topic is the beginning of the topics of all runs
     * @param relays the event streams of other servers
     */
    public record Feeds(FeedSettings time, FeedSettings system, FeedSettings log, Path logFile, FeedSettings answers,
            List<RelaySettings> relays) {}

    /**
     * A built-in feed.
     *
     * @param topic the topic that the feed publishes to
     * @param interval the time between two readings, or between two words of an answer
     * @param scope whether each node publishes its own events, or one node publishes for all
     */
    public record FeedSettings(boolean enabled, String topic, Duration interval, Scope scope) {
        Optional<String> topicIfEnabled() {
            return enabled ? Optional.of(topic) : Optional.empty();
        }
    }

    /** The topics of updates about subscriptions, which are also the paths where subscriptions are listed. */
    private static final String SUBSCRIPTIONS = Mercure.SUBSCRIPTIONS + "{/topic}{/subscriber}";
    private static final List<String> KEY_PLACES = List.of(".key", ".key-file", ".jwks");

    /**
     * Reads the configuration from the system properties, the environment, the file and the built-in defaults. The first of them
     * that has a key decides.
     *
     * @param file the configuration file, if there is one
     * @throws StartupException if the file cannot be read, a key is not known, or a value is not allowed
     */
    public static HubConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        ConfigReader config = new ConfigReader(file, environment, properties);
        LimitSettings limits = limits(config);
        Feeds feeds = feeds(config, limits);
        ServerSettings server = server(config, feeds, limits);
        Grant anonymous = new Grant(config.selectorsOrNone("sse-hub.publish.anonymous-topics"),
                config.selectorsOrAll("sse-hub.subscribe.anonymous"),
                config.bool("sse-hub.subscriptions.anonymous") ? List.of(TopicSelector.parse(SUBSCRIPTIONS)) : List.of());
        Optional<TokenSettings> tokens = tokens(config);
        HubSettings hub = hub(config, server.writeTimeout());
        return new HubConfig(server, hub, HistoryConfig.file(config), RedisConfig.settings(config), anonymous, tokens,
                new DrainSettings(config.duration("sse-hub.drain.delay", "0s", "5m"),
                        config.duration("sse-hub.drain.timeout", "0s", "1m"),
                        config.duration("sse-hub.drain.retry-spread", "0s", "1h")),
                config.optionalFile("sse-hub.observe.address-file"), feeds, logging(config), tracing(config),
                ConfigWarnings.of(config, anonymous, tokens.isPresent(), hub.history(), feeds.relays()), config);
    }

    private static ServerSettings server(ConfigReader config, Feeds feeds, LimitSettings limits) {
        EndpointSettings endpoint = new EndpointSettings(config.path("sse-hub.path"), config.selectors("sse-hub.default-topics"),
                config.duration("sse-hub.retry", "0s", "1d"), config.bool("sse-hub.subscriptions.enabled"),
                config.origins("sse-hub.cors.allowed-origins"), config.bool("sse-hub.auth.token-in-query"));
        return new ServerSettings(config.text("server.host"), config.integer("server.port", 0, 65_535),
                config.hosts("server.allowed-hosts"), tls(config),
                config.duration("sse-hub.write-timeout", "1s", "1d"), endpoint, limits,
                observe(config), config.bool("sse-hub.page.enabled"),
                config.bool("sse-hub.operate.loopback"), feeds.time().topicIfEnabled(),
                feeds.system().topicIfEnabled(), feeds.log().topicIfEnabled(), feeds.answers().topicIfEnabled());
    }

    private static Optional<ServerSettings.Observe> observe(ConfigReader config) {
        return config.optionalInteger("sse-hub.observe.port", 0, 65_535).map(port -> new ServerSettings.Observe(
                config.optionalText("sse-hub.observe.host").orElseGet(() -> config.text("server.host")), port));
    }

    private static Optional<TlsFiles> tls(ConfigReader config) {
        Optional<Path> certificate = config.optionalFile(TlsFiles.CERTIFICATE);
        Optional<Path> key = config.optionalFile(TlsFiles.PRIVATE_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw config.mistake(key.isPresent() ? TlsFiles.PRIVATE_KEY : TlsFiles.CERTIFICATE,
                    " is set, but " + (key.isPresent() ? TlsFiles.CERTIFICATE : TlsFiles.PRIVATE_KEY)
                            + " is not; TLS needs both");
        }
        return certificate.map(path -> new TlsFiles(path, key.orElseThrow()));
    }

    private static LimitSettings limits(ConfigReader config) {
        int maxPublishSize = config.size("sse-hub.publish.max-size", 1, 1 << 30);
        return new LimitSettings(config.integer("sse-hub.limits.max-connections", 0, 10_000_000),
                config.integer("sse-hub.limits.max-connections-per-address", 1, 10_000_000),
                config.addresses("sse-hub.limits.trusted-proxies"),
                config.duration("sse-hub.limits.request-timeout", "1s", "1d"),
                config.duration("sse-hub.limits.idle-timeout", "1s", "1d"),
                config.size("sse-hub.limits.max-header-size", 1024, 1 << 20),
                config.integer("sse-hub.limits.max-name-length", 1, TopicSelector.MAX_LENGTH),
                config.integer("sse-hub.subscribe.max-topics", 1, Subscription.MAX_SELECTORS),
                maxPublishSize, config.size("sse-hub.publish.max-pending-size", maxPublishSize, Integer.MAX_VALUE),
                config.integer("sse-hub.publish.max-rate-per-token", 1, 1_000_000),
                config.constant("sse-hub.publish.rate-scope", Scope.class),
                config.integer("sse-hub.publish.max-rate-per-address", 1, 1_000_000),
                config.duration("sse-hub.publish.idle-timeout", "1s", "1d"),
                config.duration("sse-hub.publish.max-retry", "0s", "1d"),
                config.duration("sse-hub.limits.overload-retry", "100ms", "1d"));
    }

    private static LoggingSettings logging(ConfigReader config) {
        return new LoggingSettings(config.constant("logging.format", LogFormat.class), config.bool("logging.access"),
                config.levels("logging.levels"));
    }

    private static Optional<TracingSettings> tracing(ConfigReader config) {
        String serviceName = config.text("otlp.service-name");
        int samplePercent = config.integer("otlp.sample-percent", 0, 100);
        return config.optionalUrl("otlp.endpoint").map(url -> new TracingSettings(url, serviceName, samplePercent));
    }

    private static HubSettings hub(ConfigReader config, Duration writeTimeout) {
        Mailbox.Limits mailbox = new Mailbox.Limits(config.integer("sse-hub.mailbox.max-events", 1, 1_000_000),
                config.size("sse-hub.mailbox.max-bytes", 1, Integer.MAX_VALUE));
        return new HubSettings(config.duration("sse-hub.heartbeat-interval", "100ms", "1d"), writeTimeout, mailbox,
                HistoryConfig.limits(config));
    }

    private static Optional<TokenSettings> tokens(ConfigReader config) {
        Optional<KeySettings> publisher = key(config, "sse-hub.auth");
        Optional<KeySettings> subscriber = key(config, "sse-hub.auth.subscriber");
        Optional<String> issuer = config.optionalText("sse-hub.auth.issuer");
        Optional<String> audience = config.optionalText("sse-hub.auth.audience");
        Duration clockSkew = config.duration("sse-hub.auth.clock-skew", "0s", "1h");
        if (publisher.isEmpty() && subscriber.isPresent()) {
            throw config.mistake(subscriber.get().name("sse-hub.auth.subscriber"),
                    " is set, but there is no key for the tokens of "
                            + "publishers: one of " + places("sse-hub.auth") + " is needed");
        }
        return publisher.map(key -> new TokenSettings(key, subscriber.orElse(key), issuer, audience, clockSkew));
    }

    private static Optional<KeySettings> key(ConfigReader config, String section) {
        Optional<String> algorithm = config.optionalText(section + ".algorithm");
        List<String> given = KEY_PLACES.stream().map(place -> section + place).filter(config::isSet).toList();
        if (given.size() > 1) {
            throw config.mistake(given.getLast(), " is set, and so is " + given.getFirst() + "; only one of " + places(section)
                    + " is allowed");
        }
        if (given.isEmpty() && algorithm.isPresent()) {
            throw config.mistake(section + ".algorithm", " is '" + algorithm.get() + "', but there is no key for it: one of "
                    + places(section) + " is needed");
        }
        return given.isEmpty()
                ? Optional.empty()
                : Optional.of(new KeySettings(algorithm, config.secret(section + ".key"),
                        config.optionalFile(section + ".key-file"), config.optionalText(section + ".jwks")));
    }

    private static String places(String section) {
        return section + ".key, " + section + ".key-file and " + section + ".jwks";
    }

    private static Feeds feeds(ConfigReader config, LimitSettings limits) {
        FeedSettings log = feed(config, "log", "10ms");
        return new Feeds(feed(config, "time", "10ms"), feed(config, "system", "100ms"), log,
                config.feedFile("sse-hub.feeds.log.file", log.enabled()), answers(config), RelayConfig.relays(config, limits));
    }

    private static FeedSettings feed(ConfigReader config, String name, String shortestInterval) {
        return feed(config, name, shortestInterval, config.constant("sse-hub.feeds." + name + ".scope", Scope.class));
    }

    /** Each node writes the answers that its own clients ask for. */
    private static FeedSettings answers(ConfigReader config) {
        return feed(config, "answers", "10ms", Scope.NODE);
    }

    private static FeedSettings feed(ConfigReader config, String name, String shortestInterval, Scope scope) {
        String section = "sse-hub.feeds." + name;
        return new FeedSettings(config.bool(section + ".enabled"), config.topic(section + ".topic"),
                config.duration(section + ".interval", shortestInterval, "1d"), scope);
    }
}
