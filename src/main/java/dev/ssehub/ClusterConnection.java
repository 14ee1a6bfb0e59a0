package dev.ssehub;

import module java.base;
import dev.ssehub.cluster.Cluster;
import dev.ssehub.cluster.NodeName;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.hub.Transport;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisSettings;
import dev.ssehub.redis.cluster.RedisCluster;
import dev.ssehub.redis.stream.RedisTransport;
import dev.ssehub.transport.LocalTransport;
import java.lang.System.Logger.Level;

/**
 * The connection of this node with the other nodes of its hub. A hub without other nodes has one, too, which leads nowhere.
 *
 * @param transport carries the events; the hub closes it
 * @param leave ends the connection, after the hub is closed; calling it again does nothing
 */
record ClusterConnection(Transport transport, Cluster cluster, Runnable leave) implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ClusterConnection.class.getName());

    /** Connects to Redis, if it is configured. Otherwise, no class of Jedis is loaded. */
    static ClusterConnection connect(HubConfig config, InstantSource clock) {
        return config.redis().isEmpty()
                ? new ClusterConnection(new LocalTransport(clock), Cluster.alone(), () -> {})
                : byRedis(config);
    }

    private static ClusterConnection byRedis(HubConfig config) {
        String name = NodeName.create();
        RedisSettings settings = config.redis().orElseThrow();
        Redis redis = redis(config);
        redis.problem().ifPresent(problem -> {
            redis.close();
            throw new StartupException("Redis cannot be used: " + problem);
        });
        redis.doubt().ifPresent(doubt -> LOG.log(Level.WARNING, doubt));
        LOG.log(Level.INFO, "this is the node " + name + " of the cluster " + settings.prefix());
        RedisCluster cluster = new RedisCluster(redis, name);
        Transport transport = new RedisTransport(redis, settings, name);
        return new ClusterConnection(transport, cluster.cluster(), () -> {
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
