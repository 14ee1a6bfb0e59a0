package dev.ssehub.metrics;

/**
 * Counts what happens. Any thread may call, also with locks held: an implementation must not block or call the hub.
 */
public interface HubMetrics {

    /** Counts nothing. */
    HubMetrics NONE = new HubMetrics() {
        @Override
        public void reached(Limit limit) {}

        @Override
        public void ended(DisconnectReason reason) {}
    };

    /** Counts that something was refused, cut off or discarded because of this limit. */
    void reached(Limit limit);

    /** Counts that a stream has ended for this reason. */
    void ended(DisconnectReason reason);
}
