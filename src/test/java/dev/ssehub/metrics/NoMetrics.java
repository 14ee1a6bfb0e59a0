package dev.ssehub.metrics;

/** Counts nothing. */
public class NoMetrics implements HubMetrics {
    @Override
    public void reached(Limit limit) {}

    @Override
    public void published(PublishedBy publisher) {}

    @Override
    public void publishAnswered(long nanos) {}

    @Override
    public void opened() {}

    @Override
    public void ended(DisconnectReason reason) {}

    @Override
    public void written(int events, int bytes) {}

    @Override
    public void delivered(long millis) {}

    @Override
    public void fellBehind() {}

    @Override
    public void caughtUp(int events) {}

    @Override
    public void toldGap() {}

    @Override
    public void committed(long nanos) {}

    @Override
    public void missed() {}

    @Override
    public void historyFailed() {}
}
