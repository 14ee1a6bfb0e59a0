package dev.ssehub.http;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The thread that ends connections whose clients keep a request waiting. Any thread may call. */
final class ConnectionWatch implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(ConnectionWatch.class.getName());
    private static final Duration PERIOD = Duration.ofMillis(250);

    private final Map<Thread, Deadline> deadlines = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    void start() {
        Thread.ofPlatform().name("connection-watch").daemon().start(this::run);
    }

    /** The deadline of the thread that calls, which is watched until the thread leaves or ends. */
    Deadline enter() {
        return deadlines.computeIfAbsent(Thread.currentThread(), Deadline::new);
    }

    /** The thread that calls is not watched any more. */
    void leave() {
        Deadline deadline = deadlines.remove(Thread.currentThread());
        if (deadline != null) {
            deadline.clear();
        }
    }

    /** How many threads are watched. */
    int size() {
        return deadlines.size();
    }

    private void run() {
        try {
            while (!closed.await(PERIOD.toNanos(), TimeUnit.NANOSECONDS)) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check() {
        try {
            long now = System.nanoTime();
            deadlines.values().forEach(deadline -> deadline.check(now));
            deadlines.values().removeIf(Deadline::isOver);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the watch over connections failed and tries again in " + PERIOD, e);
        }
    }

    /** Ends it soon. */
    @Override
    public void close() {
        closed.countDown();
    }
}
