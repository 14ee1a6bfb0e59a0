package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.redis.Redis;
import dev.ssehub.thread.PeriodicTask;
import redis.clients.jedis.exceptions.JedisException;

/** The messages to this node, a list in Redis, and the thread that takes them. */
final class Inbox implements AutoCloseable {
    private static final String NAME = "cluster-inbox";
    /** How long a command waits for a message, in seconds. */
    private static final double WAIT = 1;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Redis redis;
    private final String key;
    private final Runnable refresh;
    private final Consumer<Message> receiver;
    private final Repeated taking = new Repeated(NAME, this::take);
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Starts the thread.
     *
     * @param node the name of this node
     * @param refresh called about once a second while Redis answers; may block on Redis
     * @param receiver takes the messages; must not block on I/O
     */
    Inbox(Redis redis, String node, Runnable refresh, Consumer<Message> receiver) {
        this.redis = redis;
        this.key = key(redis, node);
        this.refresh = refresh;
        this.receiver = receiver;
        this.thread = Thread.ofVirtual().name(NAME).start(this::run);
    }

    /** Returns the key of the messages to a node. */
    static String key(Redis redis, String node) {
        return redis.key("inbox:" + node);
    }

    private void run() {
        try {
            while (!closed) {
                taking.run();
                if (taking.isFailing()) {
                    // closing interrupts the pause
                    Thread.sleep(PAUSE.plusMillis(ThreadLocalRandom.current().nextLong(PAUSE.toMillis())));
                }
            }
        } catch (InterruptedException _) {
            // it is closed
        }
    }

    private void take() {
        try {
            refresh.run();
            Optional.ofNullable(redis.client().blpop(WAIT, key)).flatMap(found -> Message.parse(found.getValue()))
                    .ifPresent(receiver);
        } catch (JedisException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    /** Stops the thread. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt(); // this also ends a read from the network, because the thread is a virtual one
        PeriodicTask.join(thread);
    }
}
