package dev.ssehub.redis;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.config.HubConfig;
import dev.ssehub.server.TestCertificate;
import dev.ssehub.server.TestPort;
import dev.ssehub.tls.TlsFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Each way to connect, to real servers. */
class RedisTest {
    private static final Script ADD = new Script("""
            redis.call('SET', KEYS[1], ARGV[1])
            return {redis.call('XADD', KEYS[2], '*', 'data', ARGV[1]), 7}
            """);

    private static final String BROKEN = "Redis has closed the connection|the connection to Redis broke: .*";

    @TempDir
    private Path folder;

    /** @param more pairs of keys, without their section, and values */
    private static Redis redis(String uri, Object... more) {
        Map<String, String> properties = new HashMap<>(Map.of(RedisSettings.URI, uri));
        for (int i = 0; i < more.length; i += 2) {
            properties.put("sse-hub.transport.redis." + more[i], more[i + 1].toString());
        }
        return new Redis(HubConfig.load(null, Map.of(), properties).redis().orElseThrow());
    }

    private static void assertWorks(Redis redis) {
        byte[] binary = {0, 13, 10, (byte) 0xff, (byte) 0xc3, '{'};
        List<?> answer = (List<?>) redis.run(ADD, List.of(redis.key("value"), redis.key("events")), List.of(binary));
        assertThat(answer).hasSize(2);
        assertThat(answer.get(1)).isEqualTo(7L);
        assertThat(redis.client().get(redis.key("value").getBytes(UTF_8))).isEqualTo(binary);
        redis.client().xadd(redis.key("events"), XAddParams.xAddParams(), Map.of("data", "second"));
        StreamEntryID last = new StreamEntryID(new String((byte[]) answer.getFirst(), UTF_8));
        assertThat(redis.client().xread(XReadParams.xReadParams().block(1000), Map.of(redis.key("events"), last)).getFirst()
                .getValue()).hasSize(1);
    }

    private static void assertFails(Redis redis, String reason) {
        try (redis) {
            assertThat(reason(redis)).matches(reason);
        }
    }

    private static String reason(Redis redis) {
        return Redis.reason(catchThrowableOfType(JedisException.class, () -> redis.client().get(redis.key("value"))));
    }

    @Test
    void runsScriptsAndCommands() throws Exception {
        try (RedisServer server = RedisServer.start(); Redis redis = redis("redis://127.0.0.1:" + server.port() + "/3")) {
            assertWorks(redis);
            redis.client().scriptFlush();
            assertWorks(redis);
            assertThat(redis.client().info("keyspace")).contains("db3:");
        }
    }

    /** Each of these users can log in. */
    @Test
    void saysBeforeTheStartThatTheUserMayNotPublish() throws Exception {
        Path users = Files.writeString(folder.resolve("users.acl"), """
                user default off
                user other on nopass ~{other}:* -@all +ping +eval +evalsha +time +info +xadd
                user reader on nopass ~{sse-hub}:* -@all +ping +eval +evalsha +time +info
                user hub on nopass ~{sse-hub}:* -@all +ping +eval +evalsha +time +info +xadd
                """);
        try (RedisServer server = RedisServer.start("--aclfile", users.toString())) {
            for (String user : List.of("other", "reader", "hub")) {
                try (Redis redis = redis("redis://" + user + ":x@127.0.0.1:" + server.port())) {
                    Optional<String> problem = redis.problem();
                    assertThat(problem.isPresent()).as(user + ": " + problem).isEqualTo(!user.equals("hub"));
                }
            }
        }
    }

    @Test
    void warnsOfARedisThatDeletesEventsWhenItIsFull() throws Exception {
        try (RedisServer server = RedisServer.start(); Redis redis = redis("redis://127.0.0.1:" + server.port())) {
            redis.client().configSet("maxmemory-policy", "allkeys-lru");
            assertThat(redis.doubt()).as("no limit, so it is never full").isEmpty();
            redis.client().configSet("maxmemory", "100mb");
            assertThat(redis.doubt()).hasValue("Redis deletes events by itself when it is full, because its maxmemory-policy is "
                    + "allkeys-lru; it should be noeviction");
            redis.client().configSet("maxmemory-policy", "noeviction");
            assertThat(redis.doubt()).isEmpty();
        }
    }

    /** The password changes, and the next connection needs no restart. */
    @Test
    void logsInAsAUserWithThePasswordInAFile() throws Exception {
        Path users = Files.writeString(folder.resolve("users.acl"), """
                user default off
                user hub on >se%41cret/\u00fc@,! ~{sse-hub}:* resetchannels -@all +@read +@write +@scripting +@connection
                """);
        Path password = Files.writeString(folder.resolve("password"), "se%41cret/\u00fc@,!\n");
        try (RedisServer server = RedisServer.start("--aclfile", users.toString())) {
            String uri = "redis://hub@127.0.0.1:" + server.port();
            try (Redis redis = redis(uri, "password-file", password)) {
                assertWorks(redis);
                Files.writeString(password, "other");
                assertWorks(redis);
            }
            assertFails(redis(uri, "password-file", password),
                    "Redis refuses the user or the password: WRONGPASS .*");
            try (Redis redis = redis(uri.replace("hub@", "hub:se%2541cret%2f%c3%bc%40,!@"))) {
                assertWorks(redis);
                JedisException denied = catchThrowableOfType(JedisException.class, () -> redis.client().get("other"));
                assertThat(Redis.reason(denied)).matches("the user of Redis lacks a permission: NOPERM .*");
            }
            assertFails(redis(uri.replace("hub@", "")), "Redis requires a password: NOAUTH .*");
            Files.delete(password);
            assertThatIllegalArgumentException().isThrownBy(() -> redis(uri, "password-file", password))
                    .withMessage("sse-hub.transport.redis.password-file: the file " + password
                            + " cannot be read: there is no such file");
            Files.writeString(password, "\n");
            assertThatIllegalArgumentException().isThrownBy(() -> redis(uri, "password-file", password))
                    .withMessage("sse-hub.transport.redis.password-file: the file " + password
                            + " is empty; it must hold the password");
        }
    }

    @Test
    void encryptsAndChecksCertificates() throws Exception {
        TlsFiles files = TestCertificate.ec("redis").write(folder);
        int port = TestPort.free();
        try (RedisServer server = RedisServer.start("--tls-port", Integer.toString(port), "--tls-cert-file",
                files.certificate().toString(), "--tls-key-file", files.privateKey().toString(), "--tls-ca-cert-file",
                files.certificate().toString())) {
            String uri = "rediss://localhost:" + port;
            Object[] all = {"trust", files.certificate(), "certificate", files.certificate(), "private-key", files.privateKey()};
            try (Redis redis = redis(uri, all)) {
                assertWorks(redis);
            }
            assertFails(redis("rediss://127.0.0.2:" + port, all), "127\\.0\\.0\\.2:" + port
                    + " has no certificate that this hub trusts for this name: No subject alternative names .*");
            assertFails(redis(uri), "localhost:" + port
                    + " has no certificate that this hub trusts for this name: unable to find valid certification path.*");
            assertFails(redis(uri, "trust", files.certificate()), BROKEN);
            assertFails(redis("rediss://localhost:" + server.port(), "timeout", "200ms"),
                    "localhost:" + server.port() + " accepts a connection, but does not answer in TLS");
            assertFails(redis("redis://localhost:" + port), BROKEN);
            assertThatIllegalArgumentException().isThrownBy(() -> redis(uri, "trust", files.privateKey()))
                    .withMessageStartingWith("sse-hub.transport.redis.trust: the file " + files.privateKey());
        }
    }

    @Test
    void saysWhyAServerCannotBeReached() throws Exception {
        int port = TestPort.free();
        assertFails(redis("redis://127.0.0.1:" + port), "127\\.0\\.0\\.1:" + port + " cannot be reached: Connection refused");
        assertFails(redis("redis://nowhere.invalid"), "nowhere\\.invalid:6379 cannot be reached: there is no such host");
    }

    /** The Sentinel that is named first does not run. */
    @Test
    void followsTheMasterThatTheSentinelsName() throws Exception {
        try (RedisServer master = RedisServer.start();
                RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1", Integer.toString(master.port()),
                        "--repl-diskless-load", "swapdb")) {
            master.await("state=online", "INFO", "replication");
            try (RedisServer sentinel = RedisServer.sentinel(folder, "main", master)) {
                sentinel.await("slaves=1", "INFO", "sentinel");
                sentinel.answer("ACL", "SETUSER", "default", "resetpass", ">sentinel");
                Path password = Files.writeString(folder.resolve("password"), "sentinel");
                String uri = "redis://127.0.0.1:" + TestPort.free() + ",127.0.0.1:" + sentinel.port();
                assertFails(redis(uri, "sentinel-master", "main"),
                        "no Sentinel says where to write: .* cannot be reached: Connection "
                                + "refused; .*: Redis requires a password: NOAUTH .*");
                assertFails(redis(uri, "sentinel-master", "other", "sentinel-password-file", password),
                        "no Sentinel says .* watches no master 'other'");
                followTheMaster(redis(uri, "sentinel-master", "main", "sentinel-password-file", password), master, replica);
            }
        }
    }

    private static void followTheMaster(Redis client, RedisServer master, RedisServer replica) throws Exception {
        try (Redis redis = client) {
            assertWorks(redis);
            redis.client().set(redis.key("before"), "kept");
            replica.await("kept", "GET", redis.key("before"));
            master.kill();
            await().atMost(Duration.ofSeconds(20)).ignoreExceptionsInstanceOf(JedisException.class)
                    .untilAsserted(() -> assertWorks(redis));
            assertThat(redis.client().get(redis.key("before"))).isEqualTo("kept");
            assertThat(redis.client().configGet("port")).containsEntry("port", Integer.toString(replica.port()));
        }
    }
    /** Any node says which node has the keys, and a node that has given them away says so when it gets a command. */
    @Test
    void writesToTheNodeOfARedisClusterThatHasTheKeys() throws Exception {
        List<RedisServer> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                nodes.add(
                        RedisServer.start("--cluster-enabled", "yes", "--cluster-port", Integer.toString(TestPort.free()),
                                "--cluster-config-file", folder.resolve("nodes" + i).toString()));
            }
            RedisServer.joinAll(nodes);
            int slot = JedisClusterCRC16.getSlot("sse-hub");
            RedisServer owner = nodes.get(slot * nodes.size() / 16_384);
            for (RedisServer node : nodes) {
                try (Redis redis = redis("redis://127.0.0.1:" + node.port(), "cluster", true)) {
                    assertWorks(redis);
                    assertThat(redis.client().configGet("port")).containsEntry("port", Integer.toString(owner.port()));
                }
            }
            try (Redis redis = redis("redis://127.0.0.1:" + owner.port(), "cluster", true)) {
                redis.client().del(redis.key("value"), redis.key("events")); // a node that has keys does not give up their slot
                String next = nodes.getLast().answer("CLUSTER", "MYID");
                for (RedisServer node : List.of(nodes.getLast(), owner)) {
                    node.answer("CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", next);
                }
                assertWorks(redis);
            }
            assertFails(redis("redis://127.0.0.1:" + owner.port()), "Redis is a Redis Cluster .*: MOVED .*");
        } finally {
            nodes.forEach(RedisServer::close);
        }
    }
}
