package dev.ssehub.redis;

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
}
