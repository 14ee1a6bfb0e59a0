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

    /**
     * The maximum memory for all stalled clients besides the history, in bytes: large frames that are being written, and mailboxes
     * with events that are no longer in the history.
     */
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

    /**
     * @param history evicts old events and returns the extent of the history
     * @param subscribers a live view of all subscribers
     * @param clock the clock by which permissions expire
     */
    Caretaker(Supplier<History.Extent> history, Collection<Subscriber> subscribers, HubSettings settings, InstantSource clock) {
        this.history = history;
        this.subscribers = subscribers;
        this.clock = clock;
        this.period = period(settings);
        this.writeTimeoutNanos = settings.writeTimeout().toNanos();
        this.idleNanos = settings.heartbeatInterval().minus(period).toNanos();
    }

    /** Returns a quarter of the shorter timeout, but at most one second. */
    private static Duration period(HubSettings settings) {
        Duration heartbeat = settings.heartbeatInterval();
        Duration shorter = heartbeat.compareTo(settings.writeTimeout()) < 0 ? heartbeat : settings.writeTimeout();
        Duration quarter = shorter.dividedBy(4);
        return quarter.compareTo(MAX_PERIOD) < 0 ? quarter : MAX_PERIOD;
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
            Stall stall = subscriber.stall(STALLED_NANOS, extent.evicted());
            if (stall != null) {
                stalls.put(subscriber, stall);
            }
        }
        limit(stalls, MAX_STALLED_BYTES);
    }

    /** Ends streams, the longest stalled first, until the other streams hold at most {@code maxBytes}. */
    static void limit(Map<Subscriber, Stall> stalls, long maxBytes) {
        IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
        long bytes = 0;
        for (Stall stall : stalls.values()) {
            Object frame = stall.frame();
            boolean counts = frame != null && holders.merge(frame, 1, Integer::sum) == 1;
            bytes += stall.waiting() + (counts ? stall.size() : 0);
        }
        Comparator<Stall> longestFirst = Comparator.comparing(Stall::since, (a, b) -> Long.signum(a - b));
        for (Map.Entry<Subscriber, Stall> each : stalls.entrySet().stream().sorted(comparingByValue(longestFirst)).toList()) {
            if (bytes <= maxBytes) {
                return;
            }
            each.getKey().abort(DisconnectReason.TOO_SLOW);
            Stall stall = each.getValue();
            Object frame = stall.frame();
            boolean wasLast = frame != null && holders.merge(frame, -1, Integer::sum) == 0;
            bytes -= stall.waiting() + (wasLast ? stall.size() : 0);
        }
    }

    /** Stops checking. Closing again does nothing. */
    @Override
    public void close() {
        if (task != null) {
            task.close();
        }
    }
}
