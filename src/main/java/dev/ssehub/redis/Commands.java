package dev.ssehub.redis;

import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.executors.CommandExecutor;

/** Sends each command over a connection of the pool. Thread-safe. */
final class Commands implements CommandExecutor {
    // A command whose connection breaks is not repeated: Redis may have executed it.

    private final Connections connections;

    Commands(Connections connections) {
        this.connections = connections;
    }

    @Override
    public <T> T executeCommand(CommandObject<T> command) {
        try {
            return execute(command);
        } catch (JedisMovedDataException _) {
            return execute(command); // this node has not executed it, and the next connection leads to the right one
        }
    }

    private <T> T execute(CommandObject<T> command) {
        try (Connection connection = connections.getConnection()) {
            try {
                return connection.executeCommand(command);
            } catch (JedisDataException e) {
                if (isNoMaster(e)) {
                    connection.setBroken();
                }
                throw e;
            }
        }
    }

    /** Returns whether the server is not, or not any more, the one that takes the hub's writes. */
    private static boolean isNoMaster(JedisDataException e) {
        String message = String.valueOf(e.getMessage());
        // Redis 6 has READONLY in the middle of its message about a script
        return e instanceof JedisMovedDataException || message.contains("READONLY ") || message.startsWith("UNBLOCKED ");
    }

    @Override
    public void close() {
        connections.close();
    }
}
