package dev.ssehub.transport;

import module java.base;
import dev.ssehub.event.HubId;
import dev.ssehub.history.Addition;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;
import org.jspecify.annotations.Nullable;

/** The transport of a hub with a single node. Passes updates on in the publisher's thread. */
public final class LocalTransport implements Transport {
    // The lock is held while a position is assigned and the listener takes the update, so positions and events have the same order.

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Listener listener;
    private long newest;

    /** Creates a transport whose positions follow the clock. They increase even if the clock is set back. */
    public LocalTransport(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void start(Listener listener, long newest) {
        lock.lock();
        try {
            this.listener = listener;
            this.newest = newest;
            listener.begin(next());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<String> publish(List<Publication> together) {
        List<Placed> placed = new ArrayList<>(together.size());
        List<Addition> additions;
        lock.lock();
        try {
            Listener open = requireOpen();
            for (Publication publication : together) {
                placed.add(new Placed(next(), 0, publication));
            }
            additions = open.accept(placed, true);
        } finally {
            lock.unlock();
        }
        List<String> ids = new ArrayList<>(additions.size());
        for (Addition addition : additions) {
            ids.add(addition.await());
        }
        return ids;
    }

    @Override
    public void forget(String topic) {
        Listener open;
        lock.lock();
        try {
            open = requireOpen();
        } finally {
            lock.unlock();
        }
        open.forget(topic).run();
    }

    private Listener requireOpen() {
        Listener open = listener;
        if (open == null) {
            throw new HubClosedException();
        }
        return open;
    }

    @Override
    public void refuse() {
        close();
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

    private long next() {
        newest = Math.max(newest + 1, HubId.position(clock.millis(), 0)); // after the last sequence number, the next millisecond
        return newest;
    }
}
