package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** The connections to Redis. Thread-safe. */
public final class Redis implements AutoCloseable {
    /*
     * All keys have the same hash tag, so all of them are on one node, also in a Redis Cluster. So one pool is enough, whose
     * connections all lead to the same server: a single Redis, the master that the Sentinels name, or the node of the Redis Cluster
     * that has the slot of the keys. Jedis' own clients for Sentinels and for a Redis Cluster connect when they are made, need threads or wait
     * longer than the timeout, and the latter executes a command again after the connection broke.
     */

    /** How long a blocking command may wait, such as XREAD BLOCK. */
    public static final Duration LONGEST_BLOCK = Duration.ofSeconds(1);
    private static final String CLIENT_NAME = "sse-hub";

    private final Dialer dialer;
    private final UnifiedJedis client;
    private final String prefix;

    /**
     * Prepares connections. Does not connect.
     *
     * @throws IllegalArgumentException if a file of the settings cannot be used; the message begins with its key
     */
    public Redis(RedisSettings settings) {
        this.prefix = settings.prefix();
        Login login = Login.toRedis(settings);
        Login loginToAsk = settings.sentinelMaster().isPresent() ? Login.toSentinels(settings) : login;
        Optional<SSLContext> tls;
        try {
            tls = Encryption.of(settings);
            login.get();
            loginToAsk.get();
        } catch (IOException | UnreachableException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        this.dialer = new Dialer(settings.timeout(), tls);
        Master master = new Master(settings, dialer, loginToAsk, key("any"));
        JedisClientConfig config = config(settings, login);
        Connections connections = new Connections(() -> dialer.dial(master.find(), 1), config, settings.timeout());
        this.client = RedisClient.builder().clientConfig(config).connectionProvider(connections)
                .commandExecutor(new Commands(connections)).build();
    }

    private static JedisClientConfig config(RedisSettings settings, Login login) {
        int millis = Math.toIntExact(settings.timeout().toMillis());
        return DefaultJedisClientConfig.builder().resp2().credentialsProvider(login).database(settings.uri().database())
                .timeoutMillis(millis).blockingSocketTimeoutMillis(millis + Math.toIntExact(LONGEST_BLOCK.toMillis()))
                .clientName(CLIENT_NAME).clientSetInfoConfig(ClientSetInfoConfig.DISABLED).build();
    }

    /**
     * Returns the client. Each command blocks, for about the timeout at most, and takes one of several connections. It throws a
     * {@link JedisException} if it fails; Redis may have executed it nevertheless if the connection broke.
     */
    public UnifiedJedis client() {
        return client;
    }

    /**
     * Runs a script.
     *
     * @param keys the names of the keys that the script uses, from {@link #key}
     * @return what the script returns: a Long, a byte[], a list of these, or null
     * @throws JedisException as for a command of the {@link #client}
     */
    public @Nullable Object run(Script script, List<String> keys, List<byte[]> arguments) {
        List<byte[]> names = keys.stream().map(key -> key.getBytes(UTF_8)).toList();
        try {
            return client.evalsha(script.digest(), names, arguments);
        } catch (JedisNoScriptException _) {
            return client.eval(script.text(), names, arguments);
        }
    }

    /** Returns the name of a key. All keys are in the same slot of a Redis Cluster, so that a script can use several. */
    public String key(String name) {
        return "{" + prefix + "}:" + name;
    }

    /** Connects, and returns a sentence that says why this fails; empty if Redis answers. */
    public Optional<String> problem() {
        try {
            client.ping();
            return Optional.empty();
        } catch (JedisException e) {
            return Optional.of(reason(e));
        }
    }

    /** Returns a sentence that says why a command has failed. */
    public static String reason(JedisException failure) {
        return Failures.text(failure);
    }

    /** Closes the connections. Commands under way fail. Closing again does nothing. */
    @Override
    public void close() {
        dialer.close();
        client.close();
    }
}
