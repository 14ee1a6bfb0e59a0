package dev.ssehub;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import dev.ssehub.auth.Grant;
import dev.ssehub.http.HubServer;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.hub.TopicSelector;

/**
 * The configuration, read and checked.
 *
 * @param server
 *            the web server
 * @param hub
 *            the core
 * @param anonymous
 *            what everyone may do
 * @param drainTimeout
 *            how long streams may take to end when the process is told to stop
 * @param feeds
 *            the built-in sources of events
 */
record HubConfig(HubServer.Settings server, HubSettings hub, Grant anonymous, Duration drainTimeout, Feeds feeds) {

    /**
     * @param time
     *            the server's time
     * @param system
     *            how machine and hub are doing
     * @param log
     *            what is appended to a file
     * @param logFile
     *            that file; empty if there is none
     */
    record Feeds(FeedSettings time, FeedSettings system, FeedSettings log, Path logFile) {}

    /**
     * @param enabled
     *            whether it runs
     * @param topic
     *            the topic that it publishes to
     * @param interval
     *            from one tick to the next
     */
    record FeedSettings(boolean enabled, String topic, Duration interval) {

        Optional<String> topicIfEnabled() {
            return enabled ? Optional.of(topic) : Optional.empty();
        }
    }

    /** The topics of the hub's private updates about its subscriptions, which are also where they are listed. */
    private static final String SUBSCRIPTIONS = HubServer.SUBSCRIPTIONS_PATH + "{/topic}{/subscriber}";
    private static final Duration SHORTEST_TICK = Duration.ofMillis(10);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Duration.ofDays(365);

    /**
     * Reads it from the system properties, the environment, the file and the built-in defaults; the first that has a key
     * decides.
     *
     * @throws StartupException
     *             if the file cannot be read, has a key that there is not, or a value is not allowed
     */
    static HubConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> properties) {
        return read(new ConfigReader(file, environment, properties));
    }

    static HubConfig read(ConfigReader config) {
        Duration writeTimeout = config.duration("sse-hub.write-timeout", Duration.ofSeconds(1), DAY);
        int maxPublishSize = config.integer("sse-hub.publish.max-size", 1, 1 << 30);
        FeedSettings log = feed(config, "log", SHORTEST_TICK);
        Feeds feeds = new Feeds(feed(config, "time", SHORTEST_TICK), feed(config, "system", SHORTEST), log,
                config.file("sse-hub.feeds.log.file", log.enabled()));
        HubServer.Settings server = new HubServer.Settings(config.text("server.host"), config.integer("server.port", 0, 65_535),
                config.path("sse-hub.path"), config.selectors("sse-hub.default-topics"),
                config.duration("sse-hub.retry", Duration.ZERO, DAY), writeTimeout,
                maxPublishSize, config.integer("sse-hub.publish.max-pending-size", maxPublishSize, Integer.MAX_VALUE),
                config.bool("sse-hub.subscriptions.enabled"),
                new HubServer.FeedTopics(feeds.time().topicIfEnabled(), feeds.system().topicIfEnabled(),
                        feeds.log().topicIfEnabled()));
        Grant anonymous = new Grant(config.selectorsOrNone("sse-hub.publish.anonymous-topics"),
                config.bool("sse-hub.subscriptions.anonymous") ? List.of(TopicSelector.parse(SUBSCRIPTIONS)) : List.of());
        HubSettings.MailboxLimits mailbox = new HubSettings.MailboxLimits(
                config.integer("sse-hub.mailbox-capacity", 1, 1_000_000),
                config.integer("sse-hub.mailbox-max-bytes", 1, Integer.MAX_VALUE));
        HubSettings.HistoryLimits history = new HubSettings.HistoryLimits(
                config.integer("sse-hub.history.max-events", 0, 10_000_000),
                config.duration("sse-hub.history.max-age", Duration.ZERO, YEAR),
                config.number("sse-hub.history.max-bytes", 0, 1L << 40));
        HubSettings hub = new HubSettings(config.duration("sse-hub.heartbeat-interval", SHORTEST, DAY), writeTimeout,
                mailbox, history);
        return new HubConfig(server, hub, anonymous,
                config.duration("sse-hub.drain-timeout", Duration.ZERO, Duration.ofMinutes(1)), feeds);
    }

    private static FeedSettings feed(ConfigReader config, String name, Duration shortest) {
        String section = "sse-hub.feeds." + name;
        return new FeedSettings(config.bool(section + ".enabled"), config.topic(section + ".topic"),
                config.duration(section + ".interval", shortest, DAY));
    }
}
