package dev.ssehub.server;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.auth.Keys;
import dev.ssehub.cluster.Scope;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.cluster.RedisCluster;
import dev.ssehub.tracing.Tracing;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a token may be used to publish to two nodes. Each node has its own events. */
class RatesOfNodesTest {
    private static final int RATE = 2;
    /** How many requests pass at once after a pause. */
    private static final int BURST = 2 * RATE;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Node> nodes = new ArrayList<>();
    private RedisServer redisServer;
    private String token;

    private record Node(Redis redis, RedisCluster cluster, Hub hub, HubServer server) {
        static Node start(RedisServer redisServer, String name, Scope scope) throws IOException {
            Redis redis = new Redis(redisServer.settings("rates"));
            RedisCluster cluster = new RedisCluster(redis, name);
            Hub hub = TestHub.create();
            TestSettings settings = new TestSettings();
            settings.publishesPerToken = RATE;
            settings.tokenScope = scope;
            return new Node(redis, cluster, hub, HubServer.start(settings.build(), hub, cluster.cluster(),
                    Keys.authorizer(Keys.settings(Keys.key(Keys.SECRET)), Keys.NOW), new Meters(), Tracing.NONE));
        }

        void stop() {
            hub.close();
            server.close();
            cluster.close();
            redis.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        redisServer = RedisServer.start();
        token = Keys.token("{\"mercure\":{\"publish\":[\"*\"]}}");
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::stop);
        redisServer.close();
        client.close();
    }

    private void startNodes(Scope scope) throws IOException {
        nodes.add(Node.start(redisServer, "one", scope));
        nodes.add(Node.start(redisServer, "two", scope));
    }

    private HttpResponse<String> publish(Node node) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(node.server().url() + "/sse"))
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("topic=t&data=1")).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Publishes to both nodes in turn until one refuses. Returns how many requests have passed before. */
    private int publishUntilRefused(String message) throws Exception {
        int passed = 0;
        HttpResponse<String> answer = publish(nodes.getFirst());
        while (answer.statusCode() == 200) {
            passed++;
            answer = publish(nodes.get(passed % nodes.size()));
        }
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).isEqualTo(message + "\n");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        return passed;
    }

    /** Returns how many requests can pass, given the time since the first. */
    private static int most(long begin) {
        return BURST + 1 + (int) (RATE * (System.nanoTime() - begin) / 1e9);
    }

    @Test
    void withTheScopeClusterTheRateHoldsForAllNodesTogether() throws Exception {
        startNodes(Scope.CLUSTER);
        long begin = System.nanoTime();
        int passed = publishUntilRefused("with a token, 2 events may be published per second, on all nodes together");
        assertThat(passed).isBetween(BURST, most(begin));
    }

    @Test
    void withTheScopeNodeEachNodeCountsByItself() throws Exception {
        startNodes(Scope.NODE);
        assertThat(publishUntilRefused("with a token, 2 events may be published per second")).isGreaterThanOrEqualTo(2 * BURST);
    }

    @Test
    void withoutRedisEachNodeCountsByItself() throws Exception {
        startNodes(Scope.CLUSTER);
        redisServer.freeze(true);
        assertThat(publish(nodes.get(0)).statusCode()).isEqualTo(200);
        assertThat(publish(nodes.get(1)).statusCode()).isEqualTo(200);
        assertThat(publishUntilRefused("with a token, 2 events may be published per second, on all nodes together"))
                .isGreaterThanOrEqualTo(2 * (BURST - 1));
        redisServer.freeze(false);
    }
}
