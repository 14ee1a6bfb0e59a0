package dev.ssehub.stream;

import module java.base;
import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.TraceContext;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Logs the streams that end: those that the hub cuts off, and with the level debug the others. A thousand slow clients do not fill the
 * disk, because only some lines per minute are written for each reason. Thread-safe.
 */
final class StreamLog {
    private static final System.Logger LOG = System.getLogger(StreamLog.class.getName());
    private static final int LINES_PER_MINUTE = 20;

    private final Map<DisconnectReason, LogThrottle> throttles;

    /**
     * A stream that has ended.
     *
     * @param lastId the last id that was written
     * @param delivered the number of events that were written
     */
    private record Ended(DisconnectReason reason, @Nullable InetAddress address, @Nullable String subject, List<String> topics,
            String lastId, long delivered, Duration age, Optional<TraceContext> trace) {}

    StreamLog(LongSupplier nanoTime) {
        throttles = Stream.of(DisconnectReason.values())
                .collect(toUnmodifiableMap(identity(), _ -> new LogThrottle(LINES_PER_MINUTE, nanoTime)));
    }

    /** @param trace the trace of the request that opened the stream */
    void ended(StreamStatus stream, Duration age, Optional<TraceContext> trace) {
        DisconnectReason reason = Objects.requireNonNull(stream.reason());
        Level level = level(reason);
        if (!LOG.isLoggable(level)) {
            return;
        }
        Objects.requireNonNull(throttles.get(reason)).admit().ifPresent(leftOut -> LOG.log(level,
                (level == Level.DEBUG ? "a stream has ended" : "a stream was cut off") + LogThrottle.more(leftOut),
                new Ended(reason, stream.opening().client().address(), stream.opening().client().subject(),
                        stream.selectors().stream().map(TopicSelector::text).toList(), stream.place().lastId(),
                        stream.place().events(), age, trace)));
    }

    /** Returns how much it matters to an operator that a stream ends for this reason. */
    private static Level level(DisconnectReason reason) {
        return switch (reason) {
            case TOO_SLOW, UNEXPECTED_DATA -> Level.WARNING;
            case TIMED_OUT, EXPIRED, OPERATOR -> Level.INFO;
            case CLIENT_GONE, CAUGHT_UP, ENDED, SHUTDOWN -> Level.DEBUG;
        };
    }
}
