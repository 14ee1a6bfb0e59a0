package dev.ssehub.metrics;

/**
 * Counts what happens. Called from any thread, with locks held: an implementation does not block, and calls nothing of the hub.
 */
public interface HubMetrics {

    /** Counts nothing. */
    HubMetrics NONE = new HubMetrics() {
        @Override
        public void reached(Limit limit) {}

        @Override
        public void ended(DisconnectReason reason) {}
    };

    /** Something was refused, cut off or let go of because of this. */
    void reached(Limit limit);

    /** A subscriber is no longer one. */
    void ended(DisconnectReason reason);
}
