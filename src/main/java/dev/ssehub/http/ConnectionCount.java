package dev.ssehub.http;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections, and tells when there can be no more: the server itself just lets others wait. Any thread may call. */
final class ConnectionCount {

    private static final System.Logger LOG = System.getLogger(ConnectionCount.class.getName());

    private final int most;
    private final int few;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicBoolean told = new AtomicBoolean();

    ConnectionCount(int most) {
        this.most = most;
        this.few = most - Math.max(1, most / 10);
    }

    /** One more. It is told that there are as many as there may be, but not again before a tenth of them has left. */
    void add() {
        if (count.incrementAndGet() >= most && told.compareAndSet(false, true)) {
            LOG.log(Level.WARNING, "full: there are " + most + " connections; all others wait until one of them has left, "
                    + "those of publishers and health checks, too");
        }
    }

    /** One less. */
    void remove() {
        if (count.decrementAndGet() <= few && told.get()) {
            told.set(false);
        }
    }
}
