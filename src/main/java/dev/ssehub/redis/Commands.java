package dev.ssehub.redis;

import module java.base;
import dev.ssehub.thread.Turns;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.executors.CommandExecutor;

/** Sends each command over a connection of the pool. A thread that serves a client has no turn meanwhile. Thread-safe. */
final class Commands implements CommandExecutor {
    // A command whose connection breaks is not repeated: Redis may have executed it.

    private final Connections connections;

    Commands(Connections connections) {
        this.connections = connections;
    }

    @Override
    public <T> @Nullable T executeCommand(CommandObject<T> command) {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        Turns.withoutTurn(() -> result.set(executeInTheRightNode(command)));
        return result.get();
    }

    private <T> T executeInTheRightNode(CommandObject<T> command) {
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

    /** Returns whether this server does not take the hub's writes, or has ceased to. */
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
