package dev.ssehub.server;

import module java.base;
import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.history.Limits;
import dev.ssehub.hub.Drain;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.Meters;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;

/** Creates hubs that do nothing on their own: heartbeats and timeouts are far away. */
public final class TestHub {
    private TestHub() {}

    public static Hub create() {
        return create(100, 1 << 20);
    }

    public static Hub create(int historyEvents, long historyBytes) {
        return create(historyEvents, historyBytes, new LocalTransport(InstantSource.system()));
    }

    public static Hub create(Transport transport) {
        return create(100, 1 << 20, transport);
    }

    public static Hub create(int historyEvents, long historyBytes, Transport transport) {
        Duration never = Duration.ofMinutes(10);
        return new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20),
                new Limits(historyEvents, Duration.ofHours(1), historyBytes)), transport, new NoMetrics(),
                InstantSource.system());
    }

    /** Starts a server, which sends the topic {@code t} to subscribers that name no topic. */
    public static HubServer serve(Hub hub) throws IOException {
        return serve(hub, new TestSettings());
    }

    /** Starts a server on which everyone may subscribe to everything. */
    public static HubServer serve(Hub hub, TestSettings settings) throws IOException {
        return HubServer.start(settings.build(), hub, open(), new Meters());
    }

    /** Returns a drain with this timeout after which all clients wait for two seconds. */
    static Drain drain(int timeoutMillis) {
        return new Drain(Duration.ofMillis(timeoutMillis), Duration.ofSeconds(2), Duration.ZERO);
    }

    /** Allows everyone to subscribe to everything and to publish to these topics. */
    public static Authorizer open(String... publish) {
        return new AnonymousAuthorizer(new Grant(Stream.of(publish).map(TopicSelector::parse).toList(),
                List.of(new TopicSelector.Any()), List.of()));
    }

    /** Returns the used memory after several collections, because one collection may not free everything. */
    static long usedMemory() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
