package dev.ssehub.redis.stream;

import module java.base;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Whether this node can publish through Redis now, and why not. Thread-safe. */
final class Link {
    private static final System.Logger LOG = System.getLogger(Link.class.getName());

    private volatile @Nullable String reason;

    /**
     * Records that Redis could not be used.
     *
     * @param why a sentence for clients, without addresses
     * @param details what is logged, once for each outage
     */
    void failed(String why, String details) {
        boolean isFirst = reason == null;
        reason = why;
        if (isFirst) {
            LOG.log(Level.ERROR, details + "; publishers get 503 until this node has caught up with Redis again");
        }
    }

    /** Records that this node has everything that is in Redis. */
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
