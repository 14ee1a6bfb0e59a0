package dev.ssehub.redis;

import module java.base;
import dev.ssehub.thread.Turns;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.ConnectionProvider;

/** The connections to Redis that commands take and give back. Thread-safe. */
final class Connections implements ConnectionProvider {
    /*
     * A permit stands for a connection in use. The threads that serve clients share a few permits, and the hub's own threads have the
     * others: more permits than there are such threads. So clients cannot delay them, however many requests they send.
     *
     * A connection that is given back is the next one to be taken, so those that are not needed stay idle, and are closed after a
     * while, because firewalls forget them.
     *
     * If one connection breaks, such as in a restart of Redis, probably all of them are broken. So a failure begins a
     * new generation: the idle connections of earlier generations are closed at once, and the others when they are
     * given back. Otherwise each of them would make another command fail. If a connection breaks while another command
     * waits for one, that command fails, too: it would only wait once more.
     *
     * The pool of Jedis opens a new connection for each broken one before the command fails. While Redis is frozen, the
     * command would take twice as long.
     */

    private static final int FOR_CLIENTS = 8;
    private static final int FOR_THE_HUB = 12;
    private static final Duration LONGEST_IDLE = Duration.ofMinutes(1);

    private final Function<Deadline, Socket> dial;
    private final JedisClientConfig config;
    private final Duration timeout;
    private final Semaphore forClients = new Semaphore(FOR_CLIENTS, true);
    private final Semaphore forTheHub = new Semaphore(FOR_THE_HUB, true);
    private final Deque<Pooled> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger generation = new AtomicInteger();

    /**
     * @param dial connects to Redis
     * @param timeout how long a command may wait for a connection if all are in use, and how long it may take to open one
     */
    Connections(Function<Deadline, Socket> dial, JedisClientConfig config, Duration timeout) {
        this.dial = dial;
        this.config = config;
        this.timeout = timeout;
    }

    @Override
    public Connection getConnection(CommandArguments arguments) {
        return getConnection();
    }

    /**
     * Returns a connection, to be closed after use.
     *
     * @throws redis.clients.jedis.exceptions.JedisException if no connection is free in time, or Redis cannot be reached
     */
    @Override
    public Connection getConnection() {
        Semaphore permits = Turns.CURRENT.isBound() ? forClients : forTheHub;
        awaitPermit(permits);
        boolean taken = false;
        try {
            Pooled connection = idle.pollFirst();
            while (connection != null && !connection.isFresh()) {
                connection.end();
                connection = idle.pollFirst();
            }
            Pooled result = connection == null ? connect() : connection;
            result.permits = permits;
            taken = true;
            return result;
        } finally {
            if (!taken) {
                permits.release();
            }
        }
    }

    private void awaitPermit(Semaphore permits) {
        int before = generation.get();
        if (!permits.hasQueuedThreads() && permits.tryAcquire()) {
            return;
        }
        try {
            if (!permits.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new UnreachableException("all connections to Redis have been in use for too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("the wait for a connection to Redis was interrupted", e);
        }
        if (generation.get() != before) {
            permits.release();
            throw new UnreachableException("other commands have just lost their connections to Redis");
        }
    }

    private Pooled connect() {
        try {
            return new Pooled(generation.get(), Deadline.in(timeout));
        } catch (JedisConnectionException e) {
            beginGeneration();
            throw e;
        }
    }

    private void giveBack(Pooled connection) {
        if (connection.isBroken()) {
            beginGeneration();
        }
        connection.idleSince = System.nanoTime();
        if (connection.isFresh()) {
            idle.addFirst(connection);
        } else {
            connection.end();
        }
        Pooled last = idle.pollLast();
        if (last != null && last.isFresh()) {
            idle.addLast(last);
        } else if (last != null) {
            last.end();
        }
    }

    private void beginGeneration() {
        generation.incrementAndGet();
        closeIdle();
    }

    private void closeIdle() {
        for (Pooled connection = idle.pollFirst(); connection != null; connection = idle.pollFirst()) {
            connection.end();
        }
    }

    /** Closes the connections that are not in use, and the others when they are given back. */
    @Override
    public void close() {
        beginGeneration();
    }

    /** A connection in use, which {@link #close} gives back, or an idle one. One thread at a time uses it. */
    private final class Pooled extends Connection {
        private final int born;
        /** Where its permit is from while it is in use. */
        private @Nullable Semaphore permits;
        private long idleSince;

        Pooled(int born, Deadline deadline) {
            super(() -> dial.apply(deadline), config);
            this.born = born;
            setSoTimeout(config.getSocketTimeoutMillis()); // until here, it was what the deadline has left for the login
        }

        boolean isFresh() {
            return born == generation.get() && !isBroken() && System.nanoTime() - idleSince < LONGEST_IDLE.toNanos();
        }

        void end() {
            try {
                forceDisconnect();
            } catch (IOException _) {
                // nothing is left to release
            }
        }

        @Override
        public void close() {
            Semaphore taken = permits;
            if (taken != null) {
                permits = null;
                giveBack(this);
                taken.release();
            }
        }
    }
}
