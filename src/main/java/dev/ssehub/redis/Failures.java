package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisUri.Address;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/** Says why commands fail. */
final class Failures {
    private Failures() {}

    /** Returns a sentence without a period. */
    static String text(RuntimeException failure) {
        String message = String.valueOf(failure.getMessage()).replaceFirst("\\.$", "");
        return switch (failure) {
            case UnreachableException _ -> message;
            case JedisAccessControlException _ when message.startsWith("WRONGPASS") ->
                "Redis refuses the user or the password: " + message;
            case JedisAccessControlException _ when message.startsWith("NOAUTH") -> "Redis requires a password: " + message;
            case JedisAccessControlException _ -> "the user of Redis lacks a permission: " + message;
            case JedisMovedDataException _ ->
                "Redis is a Redis Cluster whose slots are moving, or sse-hub.transport.redis.cluster "
                        + "is wrong: " + message;
            case JedisDataException _ -> "Redis refuses: " + message;
            case JedisConnectionException _ -> switch (failure.getCause()) {
                case SocketTimeoutException _ -> "Redis does not answer";
                case IOException e -> "the connection to Redis broke: " + e.getMessage();
                case null, default -> message.startsWith("Unexpected end of stream")
                        ? "Redis has closed the connection"
                        : "the connection to Redis broke: " + message;
            };
            default -> message;
        };
    }

    /** Returns what to throw if there is no connection to a server. */
    static UnreachableException connecting(Address address, IOException cause) {
        return new UnreachableException(address + " cannot be reached: " + switch (cause) {
            case UnknownHostException _ -> "there is no such host";
            case SocketTimeoutException _ -> "it does not answer";
            default -> cause.getMessage();
        }, cause);
    }

    /** Returns what to throw if a connection cannot be encrypted. */
    static UnreachableException encrypting(Address address, IOException cause) {
        return new UnreachableException(address + switch (cause) {
            case SocketTimeoutException _ -> " accepts a connection, but does not answer in TLS";
            case SSLException _ when rootOf(cause) instanceof GeneralSecurityException reason ->
                " has no certificate that this hub trusts for this name: " + reason.getMessage();
            default -> " cannot be reached with TLS: " + cause.getMessage();
        }, cause);
    }

    private static Throwable rootOf(Throwable e) {
        return e.getCause() == null ? e : rootOf(e.getCause());
    }
}
