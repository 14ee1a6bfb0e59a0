package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisUri.Address;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** There is no connection to Redis. The message is a sentence that says why. */
final class UnreachableException extends JedisConnectionException {
    private static final long serialVersionUID = 1;

    UnreachableException(String message) {
        super(message);
    }

    UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }

    static UnreachableException connecting(Address address, IOException cause) {
        return new UnreachableException(address + " cannot be reached: " + switch (cause) {
            case UnknownHostException _ -> "there is no such host";
            case SocketTimeoutException _ -> "it does not answer";
            default -> cause.getMessage();
        }, cause);
    }

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
