package dev.ssehub;

import module java.base;
import static java.util.stream.Collectors.toMap;

import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.HistoryStatus;
import dev.ssehub.metrics.Meters;

/** The metrics of a hub that are not counted but read, at each scrape. */
final class Gauges {
    private static final double MILLIS = 1e3;

    private Gauges() {}

    static void add(Meters meters, Hub hub, InstantSource clock) {
        meters.info("sse_hub_build_info", "The version of the program.", "version", Version.text());
        meters.gauge("sse_hub_streams", "How many event streams are open.", hub::subscribers);
        addWaiting(meters, () -> Waiting.of(hub, clock.millis()));
        addHistory(meters, hub);
        meters.gauge("sse_hub_transport_available", "1 if events reach all nodes of the hub, 0 while Redis cannot be used.",
                () -> hub.isConnected() ? 1 : 0);
        meters.gauge("sse_hub_mailboxes_bytes_max", "How many bytes may wait for all streams together, besides 1 KB for each.",
                hub.mailboxes()::max);
        meters.readings(hub::settings)
                .gauge("sse_hub_mailbox_events_max", "How many events may wait for one stream (sse-hub.mailbox.max-events).",
                        now -> now.mailbox().maxEvents())
                .gauge("sse_hub_mailbox_bytes_max", "How many bytes may wait for one stream (sse-hub.mailbox.max-bytes).",
                        now -> now.mailbox().maxBytes())
                .gauge("sse_hub_history_events_max", "How many events the history may hold (sse-hub.history.max-events).",
                        now -> now.history().maxEvents())
                .gauge("sse_hub_history_bytes_max", "How many bytes the history may hold (sse-hub.history.max-bytes).",
                        now -> now.history().maxBytes());
    }

    private static void addWaiting(Meters meters, Supplier<Waiting> waiting) {
        meters.readings(waiting)
                .gauge("sse_hub_mailboxes_events", "How many events wait for all streams. An event counts once for each stream.",
                        Waiting::events)
                .gauge("sse_hub_mailboxes_bytes", "How many bytes these events take.", Waiting::bytes)
                .gauge("sse_hub_mailbox_fullest_ratio", "The part of its limits that the fullest mailbox takes, 0 to 1.",
                        Waiting::fullest)
                .gauge("sse_hub_streams_waiting", "How many streams have events in their mailbox.", Waiting::streams)
                .gauge("sse_hub_streams_catching_up", "How many streams read the history.", Waiting::catchingUp)
                .gauge("sse_hub_slowest_stream_delay_seconds",
                        "For how long the slowest stream has waited for an event that it should have.",
                        now -> now.delayMillis() / MILLIS);
    }

    private static void addHistory(Meters meters, Hub hub) {
        meters.readings(hub.history()::status)
                .gauge("sse_hub_history_topics", "How many topics have a past.", HistoryStatus::topics)
                .gauge("sse_hub_history_events", "How many events the history holds. An event counts in each of its topics.",
                        HistoryStatus::events)
                .gauge("sse_hub_history_bytes", "How many bytes the events of the history take.", HistoryStatus::bytes)
                .gauge("sse_hub_history_oldest_event_age_seconds", "The age of the oldest event in the history.",
                        now -> now.ageMillis() / MILLIS)
                .gauge("sse_hub_history_available", "1 if the history takes events, 0 if its file does not.",
                        now -> now.takesEvents() ? 1 : 0)
                .counter("sse_hub_history_evicted_events_total", "How many events the history has given up, and why.", "reason",
                        now -> now.evicted().entrySet().stream()
                                .collect(toMap(reason -> reason.getKey().label(), Map.Entry::getValue)));
    }
}
