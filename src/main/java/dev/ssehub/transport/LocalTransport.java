package dev.ssehub.transport;

import module java.base;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;
import org.jspecify.annotations.Nullable;

/** The transport of a hub with a single node. Delivers on the publisher's thread. */
public final class LocalTransport implements Transport {
    // The lock is held while an id is assigned and the update is delivered, so ids and events have the same order.

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable BiFunction<String, Publication, String> listener;
    private long lastMillis;
    private long sequence;

    /** Creates a transport with the ids {@code <epoch milliseconds>-<sequence>}. They increase even if the clock is set back. */
    public LocalTransport(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String start(BiFunction<String, Publication, String> listener) {
        lock.lock();
        try {
            this.listener = listener;
            return nextId();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String publish(Publication publication) {
        lock.lock();
        try {
            if (listener == null) {
                throw new HubClosedException();
            }
            return listener.apply(nextId(), publication);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            listener = null;
        } finally {
            lock.unlock();
        }
    }

    private String nextId() {
        long now = clock.millis();
        if (now > lastMillis) {
            lastMillis = now;
            sequence = 0;
        } else {
            sequence++;
        }
        return lastMillis + "-" + sequence;
    }
}
