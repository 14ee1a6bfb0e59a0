package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Scope;
import dev.ssehub.config.HubConfig;
import dev.ssehub.hub.Hub;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.redis.cluster.RedisCluster;
import dev.ssehub.server.TestHub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The built-in feeds of two nodes that share a Redis. */
class FeedsOfNodesTest {
    private final List<Node> nodes = new ArrayList<>();
    private RedisServer server;

    private record Node(Redis redis, RedisCluster cluster, Hub hub, BuiltInFeeds feeds) {
        void stop() {
            feeds.close();
            hub.close();
            cluster.close();
            redis.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = RedisServer.start();
        try (Redis redis = new Redis(server.settings("feeds"))) { // as after a stop, so that nobody waits for a holder that may live
            String run = redis.client().info("server").replaceFirst("(?s).*run_id:(\\w+).*", "$1");
            redis.client().hset(redis.key("leases"), "feed-time", run + " free");
        }
        for (String name : List.of("one", "two")) {
            Redis redis = new Redis(server.settings("feeds"));
            RedisCluster cluster = new RedisCluster(redis, name);
            Hub hub = TestHub.create();
            nodes.add(new Node(redis, cluster, hub, new BuiltInFeeds(hub, Clock.systemUTC(), cluster.cluster().leases())));
        }
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::stop);
        server.close();
    }

    private static HubConfig.Feeds feeds(Scope scope) {
        Duration often = Duration.ofMillis(10);
        HubConfig.FeedSettings off = new HubConfig.FeedSettings(false, "off", often, Scope.NODE);
        return new HubConfig.Feeds(new HubConfig.FeedSettings(true, "time", often, scope), off, off, Path.of(""), off, List.of());
    }

    private void awaitEvents(Node... publishers) {
        long[] before = Stream.of(publishers).mapToLong(node -> node.hub().published()).toArray();
        await().atMost(Duration.ofSeconds(20)).until(() -> IntStream.range(0, before.length)
                .allMatch(i -> publishers[i].hub().published() >= before[i] + 20));
    }

    @Test
    void oneNodePublishesUntilItStopsAndThenTheOther() {
        nodes.forEach(node -> node.feeds().apply(feeds(Scope.CLUSTER)));
        await().atMost(Duration.ofSeconds(20)).until(() -> nodes.stream().anyMatch(node -> node.hub().published() > 0));
        Node first = nodes.get(nodes.getFirst().hub().published() > 0 ? 0 : 1);
        Node second = nodes.get(first == nodes.getFirst() ? 1 : 0);
        awaitEvents(first);
        assertThat(second.hub().published()).isZero();

        first.feeds().close();
        long published = first.hub().published();
        awaitEvents(second);
        assertThat(first.hub().published()).isEqualTo(published);
    }

    @Test
    void eachNodePublishesForItselfUnlessItIsTold() {
        nodes.forEach(node -> node.feeds().apply(feeds(Scope.NODE)));
        awaitEvents(nodes.get(0), nodes.get(1));
    }

    /** A reload can change the scope. */
    @Test
    void aNodePublishesForItselfAgain() {
        Node node = nodes.getFirst();
        node.feeds().apply(feeds(Scope.CLUSTER));
        awaitEvents(node);
        server.close();
        node.feeds().apply(feeds(Scope.NODE));
        awaitEvents(node);
    }
}
