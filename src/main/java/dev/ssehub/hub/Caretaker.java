package dev.ssehub.hub;

import module java.base;
import static java.util.Map.Entry.comparingByValue;

import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Stall;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.thread.PeriodicTask;
import org.jspecify.annotations.Nullable;

/**
 * Checks the streams of a hub periodically: sends heartbeats to idle streams, ends streams whose permission has expired or whose
 * writes hang, and limits the memory that stalled clients hold.
 */
final class Caretaker implements AutoCloseable {
    /** The maximum bytes that stalled clients hold: large frames, and mailboxes with events that have left the history. */
    static final long MAX_STALLED_BYTES = 64L << 20;
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration MAX_PERIOD = Duration.ofSeconds(1);

    private final Supplier<History.Extent> history;
    private final Collection<Subscriber> subscribers;
    private final InstantSource clock;
    private final Duration period;
    private final long writeTimeoutNanos;
    private final long idleNanos;
    private @Nullable PeriodicTask task;

    /** The supplier evicts old events first, the collection is a live view, and permissions expire by the clock. */
    Caretaker(Supplier<History.Extent> history, Collection<Subscriber> subscribers, HubSettings settings, InstantSource clock) {
        this.history = history;
        this.subscribers = subscribers;
        this.clock = clock;
        Duration shorter = Collections.min(List.of(settings.heartbeatInterval(), settings.writeTimeout()));
        this.period = Collections.min(List.of(shorter.dividedBy(4), MAX_PERIOD));
        this.writeTimeoutNanos = settings.writeTimeout().toNanos();
        this.idleNanos = settings.heartbeatInterval().minus(period).toNanos();
    }

    void start() {
        task = PeriodicTask.start("caretaker", period, this::check);
    }

    /** Checks each stream once. */
    void check() {
        History.Extent extent = history.get();
        Instant now = clock.instant();
        Map<Subscriber, Stall> stalls = new HashMap<>();
        for (Subscriber subscriber : subscribers) {
            subscriber.expire(now);
            subscriber.check(writeTimeoutNanos, idleNanos, extent.newest());
            Stall stall = subscriber.stall(STALLED_NANOS, extent.oldest().position());
            if (stall != null) {
                stalls.put(subscriber, stall);
            }
        }
        limit(stalls, MAX_STALLED_BYTES);
    }

    /** Ends streams, the longest stalled first, until the other streams hold at most {@code maxBytes}. */
    static void limit(Map<Subscriber, Stall> stalls, long maxBytes) {
        IdentityHashMap<@Nullable Object, Integer> holders = new IdentityHashMap<>();
        long bytes = 0;
        for (Stall stall : stalls.values()) {
            boolean isFirst = holders.merge(stall.frame(), 1, Integer::sum) == 1;
            bytes += stall.waiting() + (isFirst ? stall.size() : 0);
        }
        Comparator<Stall> longestFirst = Comparator.comparing(Stall::since, (a, b) -> Long.signum(a - b));
        for (Map.Entry<Subscriber, Stall> each : stalls.entrySet().stream().sorted(comparingByValue(longestFirst)).toList()) {
            if (bytes <= maxBytes) {
                return;
            }
            each.getKey().abort(DisconnectReason.TOO_SLOW);
            Stall stall = each.getValue();
            boolean wasLast = holders.merge(stall.frame(), -1, Integer::sum) == 0;
            bytes -= stall.waiting() + (wasLast ? stall.size() : 0);
        }
    }

    @Override
    public void close() {
        if (task != null) {
            task.close();
        }
    }
}
