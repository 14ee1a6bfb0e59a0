package dev.ssehub.bench;

import java.time.Duration;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import io.helidon.json.JsonObject;

/**
 * What a run has found.
 *
 * @param url where the stream is
 * @param seconds how long was measured: the duration, or until the last delivery if that came later
 * @param events what was published, or null if nothing was to be
 * @param bytes how many bytes were received while that was measured, whatever they are
 * @param latency from when an event was due to be sent to when it was received, in nanoseconds
 * @param server what the server's process has taken, or null if it was not looked at
 */
public record BenchResult(String url, double seconds, Subscribers subscribers, @Nullable Events events, Deliveries deliveries,
        long bytes, Histogram latency, @Nullable Server server) {

    /** The connections; the reasons are those of the first. */
    record Subscribers(int asked, int connected, int failed, @Nullable String firstFailure, int endedEarly,
            @Nullable String firstEnd, double seconds) {}

    /** The events; the reason is that of the first that was refused. */
    public record Events(int published, int acknowledged, int refused, @Nullable String firstRefusal, int heldBack) {}

    /**
     * What the subscribers have received.
     *
     * @param expected of events that were acknowledged
     * @param received of those, each once a subscriber; if nothing was published, all events
     * @param repeated more than once
     * @param outOfOrder after a later one
     * @param unexpected of events that were not acknowledged, or of another topic
     * @param other events without a stamp of this run
     */
    record Deliveries(long expected, long received, long repeated, long outOfOrder, long unexpected, long other) {

        long lost() {
            return expected - received;
        }
    }

    /**
     * What the server's process has taken.
     *
     * @param cpu while that was measured
     * @param memory bytes when all were connected, or null if the system does not tell
     * @param memoryOfSubscribers how many of them were not there before the first was
     */
    public record Server(Duration cpu, @Nullable Long memory, @Nullable Long memoryOfSubscribers) {}

    /** Whether all went well: nothing failed, ended early, was refused, held back, lost, repeated, out of order, unexpected. */
    boolean isClean() {
        return subscribers.failed() == 0 && subscribers.endedEarly() == 0 && (events == null || isClean(events));
    }

    private boolean isClean(Events published) {
        return published.refused() == 0 && published.heldBack() == 0 && deliveries.lost() == 0 && deliveries.repeated() == 0
                && deliveries.outOfOrder() == 0
                && deliveries.unexpected() == 0;
    }

    double perSecond() {
        return deliveries.received() / seconds;
    }

    double bytesPerDelivery() {
        return deliveries.received() == 0 ? 0 : (double) bytes / deliveries.received();
    }

    /** What a delivery has cost the server, in microseconds of CPU time. */
    double cpuMicrosPerDelivery(Server process) {
        return deliveries.received() == 0 ? 0 : process.cpu().toNanos() / 1e3 / deliveries.received();
    }

    double millis(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }

    /** The same as JSON; what does not apply, such as events where none were published, is not there. */
    JsonObject json() {
        JsonObject.Builder connections = JsonObject.builder().set("asked", subscribers.asked())
                .set("connected", subscribers.connected()).set("failed", subscribers.failed())
                .set("endedEarly", subscribers.endedEarly()).set("seconds", rounded(subscribers.seconds()));
        setIfPresent(connections, "firstFailure", subscribers.firstFailure());
        setIfPresent(connections, "firstEnd", subscribers.firstEnd());
        JsonObject.Builder received = JsonObject.builder().set("received", deliveries.received())
                .set("perSecond", rounded(perSecond()));
        JsonObject.Builder document = JsonObject.builder().set("url", url).set("clean", isClean())
                .set("seconds", rounded(seconds)).set("subscribers", connections.build());
        if (events != null) {
            JsonObject.Builder published = JsonObject.builder().set("published", events.published())
                    .set("acknowledged", events.acknowledged()).set("refused", events.refused())
                    .set("heldBack", events.heldBack());
            setIfPresent(published, "firstRefusal", events.firstRefusal());
            document.set("events", published.build());
            received.set("expected", deliveries.expected()).set("lost", deliveries.lost())
                    .set("repeated", deliveries.repeated()).set("outOfOrder", deliveries.outOfOrder())
                    .set("unexpected", deliveries.unexpected()).set("other", deliveries.other());
        }
        document.set("deliveries", received.build()).set("bytes", JsonObject.builder().set("received", bytes)
                .set("perDelivery", rounded(bytesPerDelivery())).build());
        if (latency.getTotalCount() > 0) {
            document.set("latencyMillis", JsonObject.builder().set("p50", rounded(millis(50))).set("p90", rounded(millis(90)))
                    .set("p99", rounded(millis(99))).set("p99.9", rounded(millis(99.9))).set("max", rounded(millis(100)))
                    .build());
        }
        if (server != null) {
            document.set("server", json(server));
        }
        return document.build();
    }

    private JsonObject json(Server process) {
        JsonObject.Builder taken = JsonObject.builder().set("cpuSeconds", rounded(process.cpu().toNanos() / 1e9))
                .set("cpuMicrosPerDelivery", rounded(cpuMicrosPerDelivery(process)));
        if (process.memory() != null && process.memoryOfSubscribers() != null) {
            taken.set("memoryBytes", process.memory()).set("memoryOfSubscribersBytes", process.memoryOfSubscribers());
        }
        return taken.build();
    }

    private static void setIfPresent(JsonObject.Builder object, String name, @Nullable String value) {
        if (value != null) {
            object.set(name, value);
        }
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
