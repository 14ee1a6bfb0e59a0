package dev.ssehub.server;

import module java.base;
import dev.ssehub.access.EndpointSettings;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.tls.TlsFiles;

/**
 * The settings of the server.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free port
 * @param allowedHosts the names by which clients may reach the server; empty if any name is allowed
 * @param tls the files for TLS; if empty, the server speaks plain HTTP
 * @param writeTimeout the time after which a connection is closed whose client does not acknowledge the sent bytes
 * @param endpoint the settings of the hub's endpoint
 * @param limits the limits on what clients can ask for
 * @param observe the port of its own for health, metrics and operation; empty if they are on the public port
 * @param page whether the demo page and the page for the operator are served
 * @param operatesOnLoopback whether programs on this machine may operate the hub without a token
 * @param timeTopic the topic of the server's time, for the demo page; empty if the feed is disabled, as for the others
 * @param systemTopic the topic of the machine's load and memory
 * @param logTopic the topic of the lines of a file
 * @param answersTopic the beginning of the topics of answers
 */
public record ServerSettings(String host, int port, Set<String> allowedHosts, Optional<TlsFiles> tls, Duration writeTimeout,
        EndpointSettings endpoint, LimitSettings limits, Optional<Observe> observe, boolean page, boolean operatesOnLoopback,
        Optional<String> timeTopic, Optional<String> systemTopic, Optional<String> logTopic,
        Optional<String> answersTopic) {
    /**
     * A port for health, metrics and operation.
     *
     * @param host the address to listen on
     * @param port the port to listen on; 0 for any free port
     */
    public record Observe(String host, int port) {}
}
