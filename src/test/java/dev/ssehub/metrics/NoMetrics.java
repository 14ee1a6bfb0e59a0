package dev.ssehub.metrics;

/** Counts nothing. */
public record NoMetrics() implements HubMetrics {
    @Override
    public void reached(Limit limit) {}

    @Override
    public void ended(DisconnectReason reason) {}
}
