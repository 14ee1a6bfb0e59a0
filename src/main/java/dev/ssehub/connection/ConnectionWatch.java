package dev.ssehub.connection;

import module java.base;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.Connections;
import dev.ssehub.stream.UnaskedBytes;
import dev.ssehub.thread.Turns;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Ends connections whose clients delay a TLS handshake or a request, with a thread of its own. Owns the turns that connections
 * take. Thread-safe.
 */
public final class ConnectionWatch implements AutoCloseable {
    // A connection is watched from accept until it becomes a stream or ends. Helidon does not report a failed handshake, but the
    // connection's thread ends, so the watch frees the places of threads that have ended.
    //
    // When connections are scarce, the watch evicts the connections that have spent the longest time in a handshake, a request or
    // an answer. So silent connections cannot block other clients, and a client that sends its request immediately is rarely
    // evicted. The checks are more frequent then, so that new connections do not use up the other half of the reserve between two
    // checks. Because the pause changes, the watch does not use a PeriodicTask.

    private static final System.Logger LOG = System.getLogger(ConnectionWatch.class.getName());
    private static final int PAUSE_MILLIS = 250;
    private static final int SHORT_PAUSE_MILLIS = 10;

    /**
     * @param unasked what the client has sent below TLS, if the connection uses TLS, besides the data of requests
     * @param turn the turns of the connection's thread
     */
    record Watched(Connections.Place place, Deadline deadline, UnaskedBytes unasked, Turns.Turn turn) {}

    private record Waiting(Deadline deadline, long age) {}

    private final Connections connections;
    private final LongSupplier nanoTime;
    // handshakes have turns of their own, because a handshake takes as long as dozens of requests
    private final Turns handshakes = new Turns("handshake-turns", Runtime.getRuntime().availableProcessors());
    private final Turns requests = new Turns("request-turns", Runtime.getRuntime().availableProcessors());
    private final Map<Thread, Watched> watched = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param nanoTime the clock of the deadlines */
    public ConnectionWatch(Connections connections, LongSupplier nanoTime) {
        this.connections = connections;
        this.nanoTime = nanoTime;
    }

    public void start() {
        Thread.ofPlatform().name("connection-watch").daemon().start(this::run);
    }

    /**
     * Watches the connection of the calling thread until the thread leaves or ends. Calling again changes nothing.
     *
     * @return the connection's place, deadline and turns, or {@code null} if there are too many connections and it must be closed
     */
    @Nullable
    Watched enter(InetAddress peer) {
        Thread thread = Thread.currentThread();
        Watched known = watched.get(thread);
        if (known != null) {
            return known; // the connection has entered before its TLS handshake
        }
        Connections.Place place = connections.enter(peer);
        if (place == null) {
            return null;
        }
        Watched entered = new Watched(place, new Deadline(thread, nanoTime), new UnaskedBytes(),
                new Turns.Turn(handshakes, new ClientAddress(peer).network()));
        watched.put(thread, entered);
        return entered;
    }

    /** Moves a connection from the turns of handshakes to the turns of requests. */
    void expectRequests(Watched connection) {
        connection.turn.moveTo(requests);
    }

    /** Stops watching the connection of the calling thread, which keeps its place. */
    void leave() {
        Watched left = watched.remove(Thread.currentThread());
        if (left != null) {
            left.deadline.clear();
            left.turn.end();
        }
    }

    /** Returns the number of watched connections. */
    public int size() {
        return watched.size();
    }

    private void run() {
        try {
            boolean scarce = false;
            while (!closed.await(scarce ? SHORT_PAUSE_MILLIS : PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                scarce = check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Checks all connections once. Returns whether connections are scarce. */
    private boolean check() {
        try {
            long now = nanoTime.getAsLong();
            watched.values().forEach(each -> each.deadline.check(now));
            watched.forEach(this::forgetIfEnded);
            if (connections.shortage() == 0) {
                return false;
            }
            evict(now);
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "connection-watch failed and will try again in " + PAUSE_MILLIS + " ms", e);
            return false;
        }
    }

    private void forgetIfEnded(Thread thread, Watched each) {
        if (!thread.isAlive() && watched.remove(thread, each)) {
            each.turn.end();
            each.place.closedBy(each.deadline.end().limit);
            each.place.close();
        }
    }

    private void evict(long now) {
        long ending = watched.values().stream().filter(each -> each.deadline.isEnding()).count();
        watched.values().stream().map(each -> new Waiting(each.deadline, each.deadline.age(now)))
                .sorted(Comparator.comparingLong(Waiting::age).reversed())
                .limit(Math.max(0, connections.shortage() - ending))
                .forEach(waiting -> waiting.deadline.evict(now, waiting.age));
    }

    /** Stops the threads. Does not wait for them. Closing again does nothing. */
    @Override
    public void close() {
        closed.countDown();
        handshakes.close();
        requests.close();
    }
}
