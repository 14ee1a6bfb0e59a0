package dev.ssehub.limit;

import java.time.Duration;
import java.util.List;

/**
 * The limits on what clients can take.
 *
 * @param maxConnections the number of connections; 0 for as many as open files and memory allow
 * @param maxConnectionsPerAddress the number of connections of one client address
 * @param trustedProxies the proxies whose {@code X-Forwarded-For} is trusted
 * @param requestTimeout the time for a request until the end of its headers, and for its answer
 * @param idleTimeout the time that a connection can wait for its next request
 * @param maxHeaderSize the bytes of the request line, and the bytes of all headers together
 * @param maxNameLength the characters of a topic, an id or a type
 * @param maxTopics the topics of a subscription
 * @param maxPublishSize the bytes of one publish request
 * @param maxPendingSize the bytes of all publish requests that are being read
 * @param publishesPerToken the publish requests per second with one token
 * @param publishesPerAddress the publish requests per second from one client address without a token
 * @param overloadRetry the average time after which a subscriber that was refused because of overload is told to come back
 */
public record LimitSettings(int maxConnections, int maxConnectionsPerAddress, List<AddressRange> trustedProxies,
        Duration requestTimeout, Duration idleTimeout, int maxHeaderSize, int maxNameLength, int maxTopics,
        int maxPublishSize, int maxPendingSize, int publishesPerToken, int publishesPerAddress, Duration overloadRetry) {}
