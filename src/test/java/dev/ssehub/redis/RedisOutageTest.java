package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.redis.RedisSettings.Bounds;
import dev.ssehub.server.TestPort;
import dev.ssehub.thread.Turns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/** What commands do while Redis is away, and afterwards. */
class RedisOutageTest {
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    private RedisServer server;
    private Redis redis;

    @BeforeEach
    void start() throws IOException {
        server = RedisServer.start();
        redis = new Redis(
                new RedisSettings(RedisUri.parse("redis://127.0.0.1", server.port()), Optional.empty(), Optional.empty(),
                        Optional.empty(), false, Optional.empty(), Optional.empty(), Optional.empty(), "test", TIMEOUT,
                        new Bounds(1, Duration.ofHours(1), 1)));
    }

    @AfterEach
    void stop() {
        redis.close();
        server.close();
    }

    /** Uses several connections at the same time. */
    private void pingOver(int connections) {
        pingOver(redis, connections);
    }

    private static void pingOver(Redis redis, int connections) {
        List<AbstractPipeline> pipelines = Stream.generate(redis.client()::pipelined).limit(connections).toList();
        List<Response<String>> answers = pipelines.stream().map(pipeline -> pipeline.get(redis.key("value"))).toList();
        pipelines.forEach(AbstractPipeline::close);
        answers.forEach(Response::get);
    }

    private Optional<String> failure(Runnable command) {
        return Optional.ofNullable(catchThrowableOfType(JedisException.class, command::run)).map(Redis::reason);
    }

    private void set(String value) {
        redis.client().set(redis.key("value"), value);
    }

    private long connection() {
        return (long) redis.client().executeCommand(new CommandArguments(Command.CLIENT).add("ID"));
    }

    /** All connections break at once, but only one command has to find out. */
    @Test
    void failsOnceAfterARestart() throws Exception {
        pingOver(8);
        server.kill();
        server.restart();
        assertThat(failure(() -> set("a"))).isPresent();
        pingOver(8);
    }

    @Test
    void waitsNoLongerForAFrozenServerThanTheTimeout() throws Exception {
        pingOver(2);
        server.freeze(true);
        try {
            assertThat(failure(() -> set("a"))).as("over an open connection").hasValue("Redis does not answer");
            assertThat(failure(() -> set("a"))).as("over a new connection").hasValue("Redis does not answer");
        } finally {
            server.freeze(false);
        }
        await().untilAsserted(() -> assertThat(failure(() -> set("b"))).isEmpty());
    }

    /** A frozen server takes only what fits into the buffers on the way. */
    @Test
    void doesNotWriteForeverToAFrozenServer() throws Exception {
        pingOver(1);
        server.freeze(true);
        try {
            assertThat(failure(() -> set("a".repeat(64 << 20)))).hasValue("Redis does not answer");
        } finally {
            server.freeze(false);
        }
        await().untilAsserted(() -> assertThat(failure(() -> set("b"))).isEmpty());
    }

    @Test
    void saysIfAllConnectionsAreInUse() {
        List<AbstractPipeline> taken = Stream.generate(redis.client()::pipelined).limit(12).toList();
        assertThat(failure(() -> set("a"))).hasValue("all connections to Redis have been in use for too long");
        taken.forEach(AbstractPipeline::close);
        taken.forEach(AbstractPipeline::close);
        pingOver(12);
    }

    /** Each client has its turn, so the second one is served only if the first one waits for Redis without its turn. */
    @Test
    void clientsLeaveConnectionsToTheThreadsOfTheHub() throws Exception {
        try (Redis patient = new Redis(server.settings("test", Duration.ofSeconds(20)));
                Turns turns = new Turns("test-turns", 1);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            byte[] list = patient.key("list").getBytes(UTF_8);
            List<Future<Boolean>> waits = IntStream.range(0, 30).mapToObj(number -> clients.submit(() -> {
                Turns.Turn turn = new Turns.Turn(turns, number);
                turn.begin();
                try {
                    return ScopedValue.where(Turns.CURRENT, turn).call(() -> patient.client().blpop(20, list) != null);
                } finally {
                    turn.end();
                }
            })).toList();
            server.await("blocked_clients:8", "INFO", "clients");
            pingOver(patient, 12);
            waits.forEach(_ -> patient.client().rpush(list, list));
            for (Future<Boolean> wait : waits) {
                assertThat(wait.get()).isTrue();
            }
        }
    }

    /** So it is when a name leads to another server after a failover. */
    @Test
    void leavesAServerThatTakesNoWritesAnyMore() throws Exception {
        set("a");
        long before = connection();
        server.answer("REPLICAOF", "127.0.0.1", Integer.toString(TestPort.free()));
        assertThat(failure(() -> redis.run(new Script("return redis.call('SET', KEYS[1], 'b')"), List.of(redis.key("value")),
                List.of()))).hasValueSatisfying(reason -> assertThat(reason).startsWith("Redis refuses: READONLY "));
        assertThat(connection()).isGreaterThan(before);
        server.answer("REPLICAOF", "NO", "ONE");
        assertThat(failure(() -> set("b"))).isEmpty();
    }

    @Test
    void endsCommandsAndThreadsWhenItIsClosed() throws Exception {
        FutureTask<Optional<String>> blocked = new FutureTask<>(
                () -> failure(() -> redis.client().blpop(60, redis.key("nothing").getBytes(UTF_8))));
        Thread.ofVirtual().start(blocked);
        server.await("blocked_clients:1", "INFO", "clients");
        redis.close();
        redis.close();
        assertThat(blocked.get()).hasValueSatisfying(reason -> assertThat(reason).contains("closed"));
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("redis-writes"));
        assertThat(failure(() -> set("a"))).isPresent();
    }
}
