package dev.ssehub.server;

import module java.base;
import dev.ssehub.access.EndpointSettings;
import dev.ssehub.cluster.Scope;
import dev.ssehub.limit.AddressRange;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.topic.TopicSelector;

/** The settings of a server for tests. The limits are high, and each test changes the settings that it needs. */
public final class TestSettings {
    String host = "localhost";
    Set<String> allowedHosts = Set.of();
    Optional<TlsFiles> tls = Optional.empty();
    String path = "/sse";
    List<TopicSelector> defaultTopics = List.of(TopicSelector.parse("t"));
    Duration retry = Duration.ofSeconds(2);
    Duration writeTimeout = Duration.ofMinutes(10);
    boolean tellsSubscriptions;
    Optional<ServerSettings.Observe> observe = Optional.empty();
    boolean page = true;
    public boolean operatesOnLoopback;
    Optional<String> timeTopic = Optional.empty();
    Optional<String> systemTopic = Optional.empty();
    Optional<String> logTopic = Optional.empty();
    Optional<String> answersTopic = Optional.empty();
    Set<String> allowedOrigins = Set.of();
    boolean tokenInQuery;

    public int maxConnections;
    public int maxConnectionsPerAddress = 1_000_000;
    public List<AddressRange> trustedProxies = List.of();
    Duration requestTimeout = Duration.ofMinutes(10);
    Duration idleTimeout = Duration.ofMinutes(10);
    int maxHeaderSize = 16 * 1024;
    int maxNameLength = TopicSelector.MAX_LENGTH;
    int maxTopics = 500;
    int maxPublishSize = 1 << 20;
    int maxPendingSize = 1 << 24;
    int publishesPerToken = 1_000_000;
    Scope tokenScope = Scope.NODE;
    int publishesPerAddress = 1_000_000;
    Duration publishIdleTimeout = Duration.ofMinutes(1);
    Duration maxRetry = Duration.ofMinutes(1);
    Duration overloadRetry = Duration.ofSeconds(10);

    public ServerSettings build() {
        return new ServerSettings(host, 0, allowedHosts, tls, writeTimeout,
                new EndpointSettings(path, defaultTopics, retry, tellsSubscriptions, allowedOrigins, tokenInQuery),
                new LimitSettings(maxConnections, maxConnectionsPerAddress, trustedProxies, requestTimeout, idleTimeout,
                        maxHeaderSize, maxNameLength, maxTopics, maxPublishSize, maxPendingSize, publishesPerToken,
                        tokenScope, publishesPerAddress, publishIdleTimeout, maxRetry, overloadRetry),
                observe, page, operatesOnLoopback,
                timeTopic, systemTopic, logTopic, answersTopic);
    }
}
