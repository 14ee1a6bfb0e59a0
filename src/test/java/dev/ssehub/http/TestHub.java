package dev.ssehub.http;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

import dev.ssehub.auth.AnonymousAuthorizer;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.hub.TopicSelector;
import dev.ssehub.metrics.Meters;
import dev.ssehub.transport.LocalTransport;

/** A hub that does nothing by itself: heartbeats and timeouts are far away. */
final class TestHub {

    private TestHub() {}

    static Hub create() {
        return create(100, 1 << 20);
    }

    static Hub create(int historyEvents, long historyBytes) {
        Duration never = Duration.ofMinutes(10);
        return new Hub(new HubSettings(never, never, new HubSettings.MailboxLimits(100, 1 << 20),
                new HubSettings.HistoryLimits(historyEvents, Duration.ofHours(1), historyBytes)),
                new LocalTransport(InstantSource.system()));
    }

    /** A server for it, which sends the topic {@code t} to those who name none. */
    static HubServer serve(Hub hub) throws IOException {
        return serve(hub, new TestSettings());
    }

    /** A server for it, to which everyone may subscribe. */
    static HubServer serve(Hub hub, TestSettings settings) throws IOException {
        return HubServer.start(settings.build(), hub, open(), new Meters());
    }

    /** Everyone may subscribe to everything, and publish to these topics. */
    static Authorizer open(String... publish) {
        return new AnonymousAuthorizer(new Grant(Stream.of(publish).map(TopicSelector::parse).toList(),
                List.of(new TopicSelector.Any()), List.of()));
    }

    /** What is still in use after a collection: tried more than once, because one need not find all. */
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
