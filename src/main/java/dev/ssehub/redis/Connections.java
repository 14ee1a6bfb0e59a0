package dev.ssehub.redis;

import module java.base;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.ConnectionProvider;

/** The connections to Redis that commands take and give back. Thread-safe. */
final class Connections implements ConnectionProvider {
    /*
     * A permit stands for a connection in use. A connection that is given back is the next one to be taken, so those that are not
     * needed stay idle, and are closed after a while, because firewalls forget them.
     *
     * What broke one connection, such as a restart of Redis, has probably broken all. So a failure begins a new generation: the idle
     * connections of earlier ones are closed, and those in use when they are given back. Otherwise each of them would make another
     * command fail. A command that waits for a connection while another one fails gives up, too: it would only wait again.
     *
     * Jedis' own pool opens a connection in place of each that breaks, before the command fails. While Redis is frozen, that would
     * double the time.
     */

    private static final int MOST = 16;
    private static final Duration LONGEST_IDLE = Duration.ofMinutes(1);

    private final JedisSocketFactory sockets;
    private final JedisClientConfig config;
    private final Duration timeout;
    private final Semaphore permits = new Semaphore(MOST);
    private final Deque<Pooled> idle = new ConcurrentLinkedDeque<>();
    private final AtomicInteger generation = new AtomicInteger();

    /** @param timeout how long a command may wait for a connection, if all are in use */
    Connections(JedisSocketFactory sockets, JedisClientConfig config, Duration timeout) {
        this.sockets = sockets;
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
        awaitPermit();
        boolean taken = false;
        try {
            Pooled connection = idle.pollFirst();
            while (connection != null && !connection.isFresh()) {
                connection.end();
                connection = idle.pollFirst();
            }
            Pooled result = connection == null ? connect() : connection;
            result.inUse = true;
            taken = true;
            return result;
        } finally {
            if (!taken) {
                permits.release();
            }
        }
    }

    private void awaitPermit() {
        int before = generation.get();
        if (permits.tryAcquire()) {
            return;
        }
        try {
            if (!permits.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new UnreachableException("all " + MOST + " connections to Redis have been in use for too long");
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
            return new Pooled(generation.get());
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
        permits.release();
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
        private boolean inUse;
        private long idleSince;

        Pooled(int born) {
            super(sockets, config);
            this.born = born;
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
            if (inUse) {
                inUse = false;
                giveBack(this);
            }
        }
    }
}
