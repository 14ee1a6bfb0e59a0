package dev.ssehub.redis.stream;

import module java.base;
import dev.ssehub.redis.Redis;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Knows whether this node can publish through Redis now, and if not, why. Thread-safe. */
final class Link {
    private static final System.Logger LOG = System.getLogger(Link.class.getName());

    private volatile @Nullable String reason;

    /**
     * Records that Redis could not be used.
     *
     * @param why a sentence for clients, without addresses
     * @param details a text for the log. It is logged when an outage begins, and when its reason changes.
     */
    void failed(String why, String details) {
        boolean isNew = !why.equals(reason);
        reason = why;
        if (isNew) {
            LOG.log(Level.ERROR, details + "; publishers get 503 until this node has caught up with Redis again");
        }
    }

    /** Records that a command has failed, see {@link #failed(String, String)}. */
    void failed(JedisException failure, String details) {
        failed("the hub cannot publish now: " + brief(failure), details + Redis.reason(failure));
    }

    /** Says why a command has failed, without addresses. */
    private static String brief(JedisException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case JedisAccessControlException _ -> "Redis refuses the user, the password or a command of this node";
            case JedisDataException _ when message.contains("OOM") -> "Redis has no memory left";
            case JedisDataException _ when message.contains("MISCONF") -> "Redis cannot write to its disk";
            case JedisDataException _ -> "Redis refuses events";
            case JedisConnectionException _ when failure.getCause() instanceof SocketTimeoutException -> "Redis does not answer";
            default -> "Redis cannot be reached";
        };
    }

    /** Records that this node has read everything that is in Redis. */
    void succeeded() {
        if (reason != null) {
            reason = null;
            LOG.log(Level.INFO, "this node has caught up with Redis, and events can be published again");
        }
    }

    /** Returns why nothing can be published, or {@code null}. */
    @Nullable
    String outage() {
        return reason;
    }
}
