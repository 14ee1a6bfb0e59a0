package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.Script;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Knows which nodes of the hub are alive, and lets the others know that this one is. Owns a thread. Thread-safe.
 */
final class Members implements AutoCloseable {
    // Each node enters a sorted set again and again, with the time of Redis, so the clocks of the nodes do not matter.
    // A node that was not heard of for too long is dead: the next node that enters moves it to the set of nodes that
    // are gone. The dead node stays in this set until another node has told the end of its subscriptions (GoneNodes).
    // If it was only cut off, it can enter again after that.
    //
    // If no node was heard of for some time, Redis was away, or its clock was set. Then the times say nothing about the
    // nodes, and each node gets the full time again. A time in the future counts as now.

    static final Duration DEAD_AFTER = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(Members.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Script ENTER = Script.beside(Members.class, "enter.lua");
    private static final Script LEAVE = Script.beside(Members.class, "leave.lua");

    private final Redis redis;
    private final Keys keys;
    private final String node;
    private final Duration deadAfter;
    private final Repeated entering = new Repeated("cluster-members", this::enter);
    private volatile Optional<PeriodicTask> task = Optional.empty();

    /**
     * Prepares the membership of this node.
     *
     * @param node the name of this node, different from that of every other node and of every earlier process
     * @param deadAfter a node that was not heard of for this long is dead
     */
    Members(Redis redis, String node, Duration deadAfter) {
        this.redis = redis;
        this.keys = new Keys(redis);
        this.node = node;
        this.deadAfter = deadAfter;
    }

    /** Starts the thread that enters this node, at once and then every second. Called once. */
    void start() {
        task = Optional.of(PeriodicTask.startAtOnce("cluster-members", PAUSE, entering));
    }

    /** Enters this node and removes dead ones. Returns false if another node still has to tell the end of this one. */
    boolean enter() {
        return redis.runText(ENTER, keys(), List.of(node, Long.toString(deadAfter.toMillis()))).equals(1L);
    }

    /**
     * Returns the names of the nodes that are alive, as Redis knows them now. Blocks. This node is not among them
     * before it has reached Redis, and after it was cut off for long. A node that was killed is among them until it
     * counts as dead.
     *
     * @throws JedisException if Redis does not answer
     */
    List<String> nodes() {
        return redis.client().zrange(keys.nodes(), 0, -1);
    }

    private List<String> keys() {
        return List.of(keys.nodes(), keys.gone());
    }

    /**
     * Stops the thread and leaves. If Redis does not answer, this node counts as dead later. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        if (task.isEmpty()) {
            return;
        }
        task.get().close();
        task = Optional.empty();
        leave();
    }

    /** Leaves, so that the others do not wait until this node counts as dead. */
    void leave() {
        try {
            redis.runText(LEAVE, keys(), List.of(node));
        } catch (JedisException e) {
            LOG.log(Level.DEBUG, "Redis was not told that this node stops", e);
        }
    }
}
