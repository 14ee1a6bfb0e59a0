package dev.ssehub.redis;

import module java.base;

/**
 * How the hub reaches Redis, and how much it keeps there.
 *
 * @param uri the address of Redis, or the addresses of the Sentinels or of nodes of a Redis Cluster
 * @param passwordFile a file with the password; empty if the password is in the address, or Redis requires none
 * @param sentinelMaster the name of the master that the Sentinels watch; empty without Sentinels
 * @param sentinelPasswordFile a file with the password of the Sentinels; empty if they have none
 * @param cluster whether Redis is a Redis Cluster
 * @param trust a PEM file with the certificates that the hub trusts; empty for those that the JVM trusts
 * @param certificate a PEM file with the certificate that the hub shows; empty if it shows none
 * @param privateKey a PEM file with the private key of that certificate
 * @param prefix what the names of all keys in Redis begin with
 * @param timeout how long a connection or an answer may take
 * @param stream the bounds of the stream of events
 */
public record RedisSettings(RedisUri uri, Optional<Path> passwordFile, Optional<String> sentinelMaster,
        Optional<Path> sentinelPasswordFile, boolean cluster, Optional<Path> trust, Optional<Path> certificate,
        Optional<Path> privateKey, String prefix, Duration timeout,
        Bounds stream) {
    public static final String URI = "sse-hub.transport.redis.uri";
    public static final String PASSWORD_FILE = "sse-hub.transport.redis.password-file";
    public static final String SENTINEL_PASSWORD_FILE = "sse-hub.transport.redis.sentinel-password-file";
    public static final String TRUST = "sse-hub.transport.redis.trust";
    public static final String CERTIFICATE = "sse-hub.transport.redis.certificate";
    public static final String PRIVATE_KEY = "sse-hub.transport.redis.private-key";

    /** How much the stream of events may hold. The first bound that is reached applies. */
    public record Bounds(int maxEvents, Duration maxAge, long maxBytes) {}
}
