package dev.ssehub.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.ssehub.hub.TopicSelector;

/**
 * What an operator can set about the server.
 *
 * @param host
 *            the address to listen on
 * @param port
 *            the port to listen on, 0 for any that is free
 * @param tls
 *            what it needs to speak TLS; without, it speaks plain HTTP
 * @param path
 *            where the hub's endpoint is
 * @param defaultTopics
 *            what a subscriber gets who names no topic
 * @param retry
 *            how long browsers are told to wait before they reconnect
 * @param writeTimeout
 *            a connection whose client has not acknowledged what was sent for this long is ended
 * @param tellsSubscriptions
 *            whether active subscriptions are listed, and published when they begin and end
 * @param feeds
 *            where the page finds what it shows
 * @param allowedOrigins
 *            the origins whose pages may use the hub from elsewhere, each as browsers send it; or {@code *} alone
 * @param tokenInQuery
 *            whether a token may be given in the query
 * @param limits
 *            how much clients may ask for
 */
public record ServerSettings(String host, int port, Optional<TlsFiles> tls, String path, List<TopicSelector> defaultTopics,
        Duration retry, Duration writeTimeout, boolean tellsSubscriptions, FeedTopics feeds, Set<String> allowedOrigins,
        boolean tokenInQuery, Limits limits) {

    /**
     * Both are PEM.
     *
     * @param certificate
     *            the server's certificate, and those between it and one that clients know
     * @param privateKey
     *            the key of the first of these, not encrypted
     */
    public record TlsFiles(Path certificate, Path privateKey) {}

    /**
     * The topics of the built-in feeds, empty for one that is off.
     *
     * @param time
     *            of the server's time
     * @param system
     *            of how machine and hub are doing
     * @param log
     *            of the lines of a file
     */
    public record FeedTopics(Optional<String> time, Optional<String> system, Optional<String> log) {}

    /**
     * How much clients may ask for.
     *
     * @param maxConnections
     *            how many connections there may be; 0 for as many as files and memory allow
     * @param maxConnectionsPerAddress
     *            how many of them one client address may have
     * @param trustedProxies
     *            whose {@code X-Forwarded-For} is believed
     * @param requestTimeout
     *            how long a request may take to come, from its first byte to the end of its headers, and from there to the end
     *            of its answer
     * @param idleTimeout
     *            how long a connection may wait for its next request
     * @param maxHeaderSize
     *            how many bytes the request line may have, and how many all headers together
     * @param maxNameLength
     *            how many characters a topic, an id or a type may have
     * @param maxTopics
     *            how many topics a subscription may have
     * @param maxPublishSize
     *            how many bytes a request to publish may have
     * @param maxPendingSize
     *            how many bytes all those requests together may have that are under way
     * @param publishesPerToken
     *            how many requests to publish a token may make in a second
     * @param publishesPerAddress
     *            how many a client address may make in a second without a token
     * @param overloadRetry
     *            how long a subscriber that is refused because there are too many is told to wait, on average
     */
    public record Limits(int maxConnections, int maxConnectionsPerAddress, List<AddressRange> trustedProxies,
            Duration requestTimeout, Duration idleTimeout, int maxHeaderSize, int maxNameLength, int maxTopics,
            int maxPublishSize, int maxPendingSize, int publishesPerToken, int publishesPerAddress, Duration overloadRetry) {}
}
