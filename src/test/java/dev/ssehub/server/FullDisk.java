package dev.ssehub.server;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.hub.Transport;
import dev.ssehub.transport.LocalTransport;

/** A transport that refuses updates as a history does that has no room for them, until {@link #free}. */
public final class FullDisk implements Transport {
    private final LocalTransport transport = new LocalTransport(InstantSource.system());
    private final AtomicInteger refused = new AtomicInteger();
    private volatile boolean full;

    public void fill() {
        full = true;
    }

    public void free() {
        full = false;
    }

    /** Returns how many updates were refused. */
    public int refused() {
        return refused.get();
    }

    @Override
    public List<String> publish(List<Publication> together) {
        if (full) {
            refused.incrementAndGet();
            throw new HistoryUnavailableException("the disk is full");
        }
        return transport.publish(together);
    }

    @Override
    public void start(Listener listener, long newest) {
        transport.start(listener, newest);
    }

    @Override
    public void forget(String topic) {
        transport.forget(topic);
    }

    @Override
    public void refuse() {
        full = false; // a closed hub takes nothing for another reason
        transport.refuse();
    }

    @Override
    public Optional<String> outage() {
        return full ? Optional.of("the disk is full") : Optional.empty();
    }

    @Override
    public void close() {
        full = false; // a closed hub takes nothing for another reason
        transport.close();
    }
}
