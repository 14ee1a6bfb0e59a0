package dev.ssehub;

import module java.base;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.NodeName;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.hub.Transport;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.cluster.RedisCluster;
import dev.ssehub.redis.stream.RedisTransport;
import dev.ssehub.transport.LocalTransport;

/**
 * What connects this node with the other nodes of its hub.
 *
 * @param transport the way of events; the hub closes it
 * @param leave ends the connection, after the hub is closed; calling it again does nothing
 */
record Nodes(Transport transport, Cluster cluster, Runnable leave) implements AutoCloseable {
    /** Connects to Redis, if it is configured. Nothing of Jedis is loaded if it is not. */
    static Nodes connect(HubConfig config, InstantSource clock) {
        return config.redis().isEmpty()
                ? new Nodes(new LocalTransport(clock), Cluster.alone(), () -> {})
                : byRedis(config);
    }

    private static Nodes byRedis(HubConfig config) {
        String name = NodeName.create();
        Redis redis = redis(config);
        redis.problem().ifPresent(problem -> {
            redis.close();
            throw new StartupException("Redis cannot be used: " + problem);
        });
        RedisCluster cluster = new RedisCluster(redis, name);
        return new Nodes(new RedisTransport(redis, config.redis().orElseThrow(), name), cluster.cluster(), () -> {
            cluster.close();
            redis.close();
        });
    }

    /**
     * Prepares connections to Redis. Does not connect.
     *
     * @throws StartupException if a file that the configuration names cannot be used
     */
    static Redis redis(HubConfig config) {
        try {
            return new Redis(config.redis().orElseThrow());
        } catch (IllegalArgumentException e) {
            throw new StartupException(config.reader().locate(e.getMessage()));
        }
    }

    @Override
    public void close() {
        leave.run();
    }
}
