package dev.ssehub.http;

import java.time.Duration;
import java.time.InstantSource;

import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
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
}
