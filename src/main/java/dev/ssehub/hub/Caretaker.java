package dev.ssehub.hub;

import module java.base;
import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static java.util.Map.Entry.comparingByValue;

import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.StreamStatus.Stall;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.thread.PeriodicTask;
import org.jspecify.annotations.Nullable;

/**
 * Checks the streams of a hub periodically: sends heartbeats to idle streams, ends streams whose permission has expired or whose
 * writes hang, and limits the memory that stalled clients hold.
 */
final class Caretaker implements AutoCloseable {
    private static final long BEFORE_ALL_EVENTS = -1;
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A stream whose write went on in this time ends only if twice the allowed memory is in use. */
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final Duration MAX_PERIOD = Duration.ofMillis(500);

    private final History history;
    private final LongSupplier delivered;
    private final Collection<Subscriber> subscribers;
    private final Mailbox.Memory mailboxes;
    private final long maxStalledBytes;
    private final InstantSource clock;
    private final Duration period;
    private final long writeTimeoutNanos;
    private final long idleNanos;
    private @Nullable PeriodicTask task;

    /**
     * The collection is a live view, and permissions expire by the clock.
     *
     * @param delivered returns the position up to which all events were offered to the subscribers
     * @param maxStalledBytes the memory for the large events that clients read slowly
     */
    Caretaker(History history, LongSupplier delivered, Collection<Subscriber> subscribers, Mailbox.Memory mailboxes,
            long maxStalledBytes, HubSettings settings, InstantSource clock) {
        this.history = history;
        this.delivered = delivered;
        this.subscribers = subscribers;
        this.mailboxes = mailboxes;
        this.maxStalledBytes = maxStalledBytes;
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
        history.evict();
        long newest = delivered.getAsLong();
        Instant now = clock.instant();
        // if memory is scarce, a stalled client gives up its waiting events even if the history has lost them: it receives a gap
        long evicted = mailboxes.isScarce() ? BEFORE_ALL_EVENTS : history.completeAfter();
        Map<Subscriber, Stall> stalls = new HashMap<>();
        for (Subscriber subscriber : subscribers) {
            subscriber.expire(now);
            subscriber.check(writeTimeoutNanos, idleNanos, newest);
            Stall stall = subscriber.stall(STALLED_NANOS, evicted);
            if (stall != null) {
                stalls.put(subscriber, stall);
            }
        }
        limit(stalls, maxStalledBytes);
    }

    /**
     * Ends streams, the oldest write first, until the other streams hold at most {@code maxBytes}. Ends a stream whose write has just
     * made progress only if all hold more than twice as much.
     */
    static void limit(Map<Subscriber, Stall> stalls, long maxBytes) {
        IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
        long bytes = 0;
        for (Stall stall : stalls.values()) {
            bytes += holders.merge(stall.frame(), 1, Integer::sum) == 1 ? stall.size() : 0;
        }
        Comparator<Stall> oldestFirst = comparing(Caretaker::isRecent).thenComparing(Stall::age, reverseOrder());
        for (Map.Entry<Subscriber, Stall> each : stalls.entrySet().stream().sorted(comparingByValue(oldestFirst)).toList()) {
            Stall stall = each.getValue();
            if (bytes <= (isRecent(stall) ? 2 * maxBytes : maxBytes)) {
                return;
            }
            each.getKey().abort(DisconnectReason.TOO_SLOW);
            bytes -= holders.merge(stall.frame(), -1, Integer::sum) == 0 ? stall.size() : 0;
        }
    }

    private static boolean isRecent(Stall stall) {
        return stall.idle() < RECENT_NANOS;
    }

    @Override
    public void close() {
        if (task != null) {
            task.close();
        }
    }
}
