package dev.ssehub.limit;

import module java.base;
import dev.ssehub.cluster.Scope;

/**
 * The limits for clients.
 *
 * @param maxConnections the maximum number of connections; 0 for the maximum that open files and memory allow
 * @param maxConnectionsPerAddress the maximum number of connections of one client address
 * @param trustedProxies the proxies whose {@code X-Forwarded-For} is trusted
 * @param requestTimeout the time for receiving the headers of a request, and the time for answering it
 * @param idleTimeout the time for which a connection may wait for its next request
 * @param maxHeaderSize the maximum size of the request line, and of all headers together, in bytes
 * @param maxNameLength the maximum length of a topic, an id or a type, in characters
 * @param maxTopics the maximum number of topics of a subscription
 * @param maxPublishSize the maximum size of one publish request, in bytes
 * @param maxPendingSize the maximum size of all publish requests that are being read, in bytes
 * @param publishesPerToken the maximum number of published events per second with one token
 * @param tokenScope whether each node counts the events with a token by itself, or all nodes together
 * @param publishesPerAddress the maximum number of published events per second from one client address without a token
 * @param publishIdleTimeout the time for which the body of a publish request may pause if it is an event stream
 * @param maxRetry the longest reconnection time that a publisher may set for subscribers
 * @param overloadRetry the average reconnection time for subscribers that are refused because of overload
 */
public record LimitSettings(int maxConnections, int maxConnectionsPerAddress, List<AddressRange> trustedProxies,
        Duration requestTimeout, Duration idleTimeout, int maxHeaderSize, int maxNameLength, int maxTopics,
        int maxPublishSize, int maxPendingSize, int publishesPerToken, Scope tokenScope, int publishesPerAddress,
        Duration publishIdleTimeout, Duration maxRetry, Duration overloadRetry) {
    /** Returns these limits with another maximum number of connections, which one client address may have as well. */
    public LimitSettings withConnections(int max) {
        return new LimitSettings(max, max, trustedProxies, requestTimeout, idleTimeout, maxHeaderSize, maxNameLength, maxTopics,
                maxPublishSize, maxPendingSize, publishesPerToken, tokenScope, publishesPerAddress, publishIdleTimeout, maxRetry,
                overloadRetry);
    }
}
