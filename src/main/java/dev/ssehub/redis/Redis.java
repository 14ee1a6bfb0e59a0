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
import redis.clients.jedis.util.SafeEncoder;

/** The connections to Redis. Thread-safe. */
public final class Redis implements AutoCloseable {
    /*
     * All keys have the same hash tag, so one server has all of them, even in a Redis Cluster. So one pool of
     * connections to this server is enough. The server is a single Redis, the master that the Sentinels name, or the
     * node of the Redis Cluster that has the slot of the keys.
     *
     * Jedis has clients of its own for Sentinels and for a Redis Cluster. They connect as soon as they are created, and
     * they need threads or wait longer than the timeout. The client for a Redis Cluster also repeats a command whose
     * connection broke.
     */

    /** How long a blocking command may wait, such as XREAD BLOCK. */
    public static final Duration LONGEST_BLOCK = Duration.ofSeconds(1);
    private static final String CLIENT_NAME = "sse-hub";
    /** Fails where publishing would fail, but adds nothing, because there is no such stream. */
    private static final Script TRY = new Script("""
            redis.call('TIME')
            redis.call('INFO', 'replication')
            return redis.call('XADD', KEYS[1], 'NOMKSTREAM', '*', 'try', 'try')
            """);
    /** The policy with which Redis refuses what it has no memory for. */
    private static final String KEEPS_ALL = "noeviction";

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
        Connections connections = new Connections(deadline -> dialer.dial(master.find(deadline), deadline), config,
                settings.timeout());
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
     * Returns the client. Each command uses one of several connections, and blocks: for up to the timeout each to get a
     * connection, to open one if none is open, and to have the answer. Threads that serve clients use only some of the
     * connections, and have no turn meanwhile. A command that fails throws a {@link JedisException}. If the connection
     * broke, Redis may have executed the command nevertheless.
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

    /**
     * Runs a script whose arguments and results are text.
     *
     * @return a Long, a String, or a list of these
     * @throws JedisException as for a command of the {@link #client}
     */
    public Object runText(Script script, List<String> keys, List<String> arguments) {
        return SafeEncoder.encodeObject(run(script, keys, arguments.stream().map(text -> text.getBytes(UTF_8)).toList()));
    }

    /** Returns the name of a key. All keys are in the same slot of a Redis Cluster, so that a script can use several. */
    public String key(String name) {
        return "{" + prefix + "}:" + name;
    }

    /**
     * Connects, and tries what a hub needs most. Returns a sentence that says why this fails; empty if Redis answers. Changes nothing in
     * Redis.
     */
    public Optional<String> problem() {
        try {
            client.ping();
            run(TRY, List.of(key("try")), List.of());
            return Optional.empty();
        } catch (JedisException e) {
            return Optional.of(reason(e));
        }
    }

    /** Returns a sentence about a setting of Redis that can lose events, or nothing. Blocks and fails as a command does. */
    public Optional<String> doubt() {
        Map<String, String> memory = client.info("memory").lines().map(line -> line.split(":", 2))
                .filter(field -> field.length == 2).collect(Collectors.toMap(field -> field[0], field -> field[1]));
        String policy = memory.getOrDefault("maxmemory_policy", KEEPS_ALL);
        return memory.getOrDefault("maxmemory", "0").equals("0") || policy.equals(KEEPS_ALL)
                ? Optional.empty()
                : Optional.of("Redis deletes events by itself when it is full, because its maxmemory-policy is " + policy
                        + "; it should be " + KEEPS_ALL);
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
