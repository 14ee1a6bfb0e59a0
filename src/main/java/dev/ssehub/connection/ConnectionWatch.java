package dev.ssehub.connection;

import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import dev.ssehub.limit.Connections;

/** The thread that ends connections whose clients keep a request waiting, or a TLS handshake. Any thread may call. */
public final class ConnectionWatch implements AutoCloseable {

    // A connection is here from its first moment until it becomes a stream or ends. Nobody says that a handshake has failed:
    // the thread ends, and what it had is given back here.
    //
    // When hardly any connections are left, those who have waited longest, for a handshake, a request or its answer, give way.
    // So it is no use to hold connections and say nothing: a client that does what it came for is hardly ever the one. While that
    // happens, the pauses are short: in each of them, no more can come than half of the reserve.

    private static final System.Logger LOG = System.getLogger(ConnectionWatch.class.getName());
    private static final Duration PERIOD = Duration.ofMillis(250);
    private static final Duration SHORT_PERIOD = Duration.ofMillis(10);

    /** A connection that is watched. */
    public record Watched(Connections.Place place, Deadline deadline) {}

    private record Waiting(Deadline deadline, long age) {}

    private final Connections connections;
    private final Map<Thread, Watched> watched = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    public ConnectionWatch(Connections connections) {
        this.connections = connections;
    }

    public void start() {
        Thread.ofPlatform().name("connection-watch").daemon().start(this::run);
    }

    /**
     * The connection of the thread that calls; it has a place among all of them, and is watched until the thread leaves or ends.
     * Null if it must be closed at once.
     */
    public @Nullable Watched enter(InetAddress peer) {
        Thread thread = Thread.currentThread();
        Watched before = watched.get(thread);
        if (before != null) {
            return before; // since its handshake
        }
        Connections.Place place = connections.enter(peer);
        if (place == null) {
            return null;
        }
        Watched entered = new Watched(place, new Deadline(thread));
        watched.put(thread, entered);
        return entered;
    }

    /** The thread that calls is not watched any more, and keeps its connection's place. */
    public void leave() {
        Watched left = watched.remove(Thread.currentThread());
        if (left != null) {
            left.deadline.clear();
        }
    }

    /** How many connections are watched. */
    public int size() {
        return watched.size();
    }

    private void run() {
        try {
            Duration pause = PERIOD;
            while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                pause = check() ? SHORT_PERIOD : PERIOD;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean check() {
        try {
            long now = System.nanoTime();
            watched.values().forEach(each -> each.deadline.check(now));
            forget();
            return makeRoom(now);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the watch over connections failed and tries again in " + PERIOD, e);
            return false;
        }
    }

    private void forget() {
        watched.forEach((thread, each) -> {
            if (!thread.isAlive() && watched.remove(thread, each)) {
                each.place.tell(each.deadline.how());
                each.place.close();
            }
        });
    }

    /** Returns whether connections are scarce. */
    private boolean makeRoom(long now) {
        if (connections.lacking() == 0) {
            return false;
        }
        long leaving = watched.values().stream().filter(each -> each.deadline.isEnding()).count();
        watched.values().stream().map(each -> new Waiting(each.deadline, each.deadline.age(now)))
                .sorted(Comparator.comparingLong(Waiting::age).reversed())
                .limit(Math.max(0, connections.lacking() - leaving))
                .forEach(waiting -> waiting.deadline.giveWay(now, waiting.age));
        return true;
    }

    /** Ends it soon. */
    @Override
    public void close() {
        closed.countDown();
    }
}
