package dev.ssehub.bench;

import dev.ssehub.bench.load.ConnectionTally;
import dev.ssehub.bench.load.Publisher;
import dev.ssehub.bench.load.ServerProcess;
import io.helidon.json.JsonObject;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The result of a run.
 *
 * @param seconds the measured time, which ends with the duration or with a later last delivery
 * @param events the published events, or {@code null} if the run did not publish
 * @param bytes the bytes that arrived in that time, including bytes that do not belong to events
 * @param latency the times between the due time of an event and its receipt, in nanoseconds
 * @param server the CPU time and memory of the server's process, or {@code null} if it was not measured
 */
record BenchResult(String url, double seconds, ConnectionTally.Result subscribers, Publisher.@Nullable Result events,
        Deliveries deliveries, long bytes, Histogram latency, ServerProcess.@Nullable Usage server) {
    /**
     * The deliveries to the subscribers.
     *
     * @param expected one delivery of each acknowledged event to each subscriber of its topic
     * @param received the expected deliveries that arrived; if the run did not publish, all events that arrived
     * @param repeated deliveries of the same event to the same subscriber after the first delivery
     * @param outOfOrder deliveries that arrived after a later event
     * @param unexpected deliveries of events that were not acknowledged, or that belong to another topic
     * @param other events without a stamp of this run
     */
    record Deliveries(long expected, long received, long repeated, long outOfOrder, long unexpected, long other) {
        long lost() {
            return expected - received;
        }
    }

    /** Returns whether the run had no problem with a connection or an event. The exit code depends on it. */
    boolean isClean() {
        return subscribers.failed() == 0 && subscribers.endedEarly() == 0
                && (events == null || (events.refused() == 0 && events.heldBack() == 0 && deliveries.lost() == 0
                        && deliveries.repeated() == 0 && deliveries.outOfOrder() == 0 && deliveries.unexpected() == 0));
    }

    double perSecond() {
        return deliveries.received() / seconds;
    }

    double perDelivery(double amount) {
        return deliveries.received() == 0 ? 0 : amount / deliveries.received();
    }

    double millis(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }

    /** Returns the result as JSON, without members that do not apply, such as the events if the run did not publish. */
    JsonObject json() {
        JsonObject connections = object("asked", subscribers.asked(), "connected", subscribers.connected(), "failed",
                subscribers.failed(), "endedEarly", subscribers.endedEarly(), "seconds", subscribers.seconds(), "firstFailure",
                subscribers.firstFailure(), "firstEnd", subscribers.firstEnd());
        JsonObject published = events == null
                ? null
                : object("published", events.published(), "acknowledged", events.acknowledged(), "refused", events.refused(),
                        "heldBack", events.heldBack(), "firstRefusal", events.firstRefusal());
        JsonObject received = events == null
                ? object("received", deliveries.received(), "perSecond", perSecond())
                : object("received", deliveries.received(), "perSecond", perSecond(), "expected", deliveries.expected(),
                        "lost", deliveries.lost(), "repeated", deliveries.repeated(), "outOfOrder", deliveries.outOfOrder(),
                        "unexpected", deliveries.unexpected(), "other", deliveries.other());
        JsonObject percentiles = latency.getTotalCount() == 0
                ? null
                : object("p50", millis(50), "p90", millis(90), "p99", millis(99), "p99.9", millis(99.9), "max", millis(100));
        JsonObject process = server == null
                ? null
                : object("cpuSeconds", server.cpuMicros() / 1e6, "cpuMicrosPerDelivery", perDelivery(server.cpuMicros()),
                        "memoryBytes", server.memory(), "memoryOfSubscribersBytes", server.memoryOfSubscribers());
        return object("url", url, "clean", isClean(), "seconds", seconds, "subscribers", connections, "events", published,
                "deliveries", received, "bytes", object("received", bytes, "perDelivery", perDelivery((double) bytes)),
                "latencyMillis", percentiles, "server", process);
    }

    /** Builds an object from alternating names and values. Omits values that are null, and rounds to three decimals. */
    private static JsonObject object(@Nullable Object... namesAndValues) {
        JsonObject.Builder object = JsonObject.builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = String.valueOf(namesAndValues[i]);
            switch (namesAndValues[i + 1]) {
                case null -> object.unset(name);
                case JsonObject value -> object.set(name, value);
                case Boolean value -> object.set(name, value.booleanValue());
                case Double value -> object.set(name, Math.round(value * 1000) / 1000.0);
                case Number value -> object.set(name, value.longValue());
                case Object value -> object.set(name, value.toString());
            }
        }
        return object.build();
    }
}
