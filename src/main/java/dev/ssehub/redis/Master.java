package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisUri.Address;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;
import redis.clients.jedis.util.SafeEncoder;

/** Finds the Redis that takes writes. Thread-safe. */
final class Master {
    /*
     * Each new connection looks for the master again. It asks the Sentinels, or it asks the nodes of the Redis Cluster
     * which of them has the slot of the hub's keys. So the hub needs no news of a failover: when connections break, the
     * next ones lead to the new master.
     */

    private final RedisSettings settings;
    private final Dialer dialer;
    private final JedisClientConfig client;
    private final byte[] anyKey;
    private volatile int lastAnswered;

    /** @param login how to log in to the servers that are asked: the Sentinels, or the nodes of a Redis Cluster */
    Master(RedisSettings settings, Dialer dialer, Login login, String anyKey) {
        this.settings = settings;
        this.dialer = dialer;
        this.client = DefaultJedisClientConfig.builder().serverDefaultProtocol().credentialsProvider(login).build();
        this.anyKey = SafeEncoder.encode(anyKey);
    }

    /** Returns the address of the master. Leaves time to connect to it. */
    Address find(Deadline deadline) {
        List<Address> addresses = settings.uri().addresses();
        if (settings.sentinelMaster().isEmpty() && !settings.cluster()) {
            return addresses.getFirst();
        }
        StringJoiner failures = new StringJoiner("; ");
        int first = lastAnswered;
        for (int i = 0; i < addresses.size(); i++) {
            int index = (first + i) % addresses.size();
            Address asked = addresses.get(index);
            Deadline ofThis = deadline.ofFirst(addresses.size() - i + 1);
            try (Connection connection = new Connection(() -> dialer.dial(asked, ofThis), client)) {
                Address found = settings.cluster() ? ownerOfSlot(connection, asked) : masterBySentinel(connection, asked);
                lastAnswered = index;
                return found;
            } catch (UnreachableException e) {
                failures.add(e.getMessage());
            } catch (JedisException e) {
                failures.add(asked + ": " + Failures.text(e));
            }
        }
        throw new UnreachableException((settings.cluster() ? "no node of the Redis Cluster" : "no Sentinel")
                + " says where to write: " + failures);
    }

    private Address masterBySentinel(Connection connection, Address sentinel) {
        String name = settings.sentinelMaster().orElseThrow();
        Object answer = connection.executeCommand(
                new CommandArguments(Command.SENTINEL).add("GET-MASTER-ADDR-BY-NAME").add(name));
        if (!(answer instanceof List<?> found)) {
            throw new UnreachableException("the Sentinel " + sentinel + " watches no master '" + name + "'");
        }
        return new Address(text(found.get(0)), Integer.parseInt(text(found.get(1))));
    }

    /**
     * Reads the answer to CLUSTER SLOTS: a list of ranges of slots. Each has the first and the last slot, the host and
     * the port of the master, and the replicas.
     */
    private Address ownerOfSlot(Connection connection, Address node) {
        long slot = JedisClusterCRC16.getSlot(anyKey);
        Object answer = connection.executeCommand(new CommandArguments(Command.CLUSTER).add("SLOTS"));
        for (Object entry : (List<?>) answer) {
            List<?> range = (List<?>) entry;
            if ((long) range.get(0) <= slot && slot <= (long) range.get(1)) {
                List<?> owner = (List<?>) range.get(2);
                String host = text(owner.get(0));
                // a node that does not know its own address leaves it out
                return new Address(host.isEmpty() || host.equals("?") ? node.host() : host, Math.toIntExact((long) owner.get(1)));
            }
        }
        throw new UnreachableException("no node of the Redis Cluster has slot " + slot + ", where the keys of the hub belong");
    }

    private static String text(@Nullable Object bytes) {
        return bytes instanceof byte[] text ? SafeEncoder.encode(text) : "";
    }
}
