package dev.ssehub.transport;

import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Update;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;

/** The transport of a hub that is one process: the publisher's thread delivers. */
public final class LocalTransport implements Transport {

    // One lock from the id to the end of the delivery, so that the order of the ids is the order of the events.

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable BiFunction<String, Update, String> listener;
    private long lastMillis;
    private long sequence;

    /** Its ids are {@code <epoch milliseconds>-<sequence>} by this clock, and grow even where the clock steps back. */
    public LocalTransport(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String start(BiFunction<String, Update, String> listener) {
        lock.lock();
        try {
            this.listener = listener;
            return nextId();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String publish(Update update) {
        lock.lock();
        try {
            if (listener == null) {
                throw new HubClosedException();
            }
            return listener.apply(nextId(), update);
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
