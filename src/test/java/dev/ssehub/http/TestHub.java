package dev.ssehub.http;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.hub.TopicSelector;
import dev.ssehub.transport.LocalTransport;

/** A hub that does nothing by itself: heartbeats and timeouts are far away. */
final class TestHub {

    static final HubServer.FeedTopics NO_FEEDS = new HubServer.FeedTopics(Optional.empty(), Optional.empty(), Optional.empty());

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
        return HubServer.start(new HubServer.Settings("localhost", 0, "/sse", List.of(TopicSelector.parse("t")),
                Duration.ofSeconds(2), Duration.ofMinutes(10), 1 << 20, 1 << 24, false, NO_FEEDS), hub,
                new Authorizer(new Grant(List.of(), List.of())));
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
