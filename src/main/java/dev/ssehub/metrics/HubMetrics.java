package dev.ssehub.metrics;

/** Counts events of the hub. Called by any thread, also with locks held: an implementation must not block or call the hub. */
public interface HubMetrics {
    /** Counts a refused request, a closed connection or dropped data that this limit has caused. */
    void reached(Limit limit);

    /** Counts a stream that has ended for this reason. */
    void ended(DisconnectReason reason);
}
