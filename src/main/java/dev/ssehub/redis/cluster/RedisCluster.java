package dev.ssehub.redis.cluster;

import module java.base;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.redis.Redis;

/** The membership of this node in the cluster of all nodes that use the same Redis and the same prefix. */
public final class RedisCluster implements AutoCloseable {
    /** How long a question to the other nodes waits for answers. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    /** How long the nodes may take to come back after Redis was restarted without its data. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final Members members;
    private final RedisPeers peers;
    private final RedisPresence presence;
    private final RedisLeases leases;

    /**
     * Joins the cluster. Does not wait for Redis.
     *
     * @param node the name of this node, different from that of every other node and of every earlier process
     */
    public RedisCluster(Redis redis, String node) {
        members = new Members(redis, node, Members.DEAD_AFTER);
        presence = new RedisPresence(redis, node, Members.DEAD_AFTER, SETTLING);
        peers = new RedisPeers(redis, node, members::nodes, ANSWER_LIMIT);
        members.start();
        leases = RedisLeases.start(redis, node);
        cluster = new Cluster(node, presence, peers, leases, new RedisRates(redis, System::nanoTime));
    }

    /** Returns what this node shares with the others. */
    public Cluster cluster() {
        return cluster;
    }

    /** Leaves the cluster. Closing again does nothing. */
    @Override
    public void close() {
        leases.close();
        peers.close();
        presence.close();
        members.close();
    }
}
