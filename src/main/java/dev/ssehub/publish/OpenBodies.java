package dev.ssehub.publish;

import module java.base;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.HubClosedException;

/** The bodies that are being read and may last for hours. Thread-safe. */
public final class OpenBodies {
    private final Set<Thread> readers = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** A body that the calling thread reads. */
    interface Body {
        void read() throws Refusal;
    }

    /**
     * Reads a body to its end.
     *
     * @throws HubClosedException after {@link #close}
     */
    void read(Body body) throws Refusal {
        readers.add(Thread.currentThread());
        try {
            if (closed) {
                throw new HubClosedException();
            }
            body.read();
        } finally {
            readers.remove(Thread.currentThread());
        }
    }

    /** Interrupts all threads that read, which closes their connections. The hub publishes nothing more. */
    public void close() {
        closed = true;
        readers.forEach(Thread::interrupt);
    }
}
