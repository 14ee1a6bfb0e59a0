package dev.ssehub.subscriber;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubEvents;
import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.Limit;
import dev.ssehub.topic.SelectorSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One subscription, from its first event to its end. It does no I/O itself: the caller of {@link #drain} hands in the writer. */
public final class Subscriber {

    // At most one thread at a time is the subscriber's drainer. The thread that subscribes is the first, so nothing is written
    // before it is ready. A drainer gives up its role in the same synchronized block in which it finds nothing left to write.
    // After that, the first call that adds something to write (offer, close, a heartbeat) asks for a drainer by `ready`.
    //
    // Locks: the monitor guards all fields. A thread may enter it while it holds the hub's lock, but not the other way round.
    // It is not held while the writer writes.

    /** The result of a drain. */
    public enum Next {
        /** Nothing waits. {@code ready} will be called when something does. */
        NOTHING,
        /** More waits. The caller is still the drainer and must call again. */
        MORE,
        /** The subscriber is closed, and its stream has ended. */
        END
    }

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final SelectorSet selectors;
    private final Backlog backlog;
    private final Consumer<Subscriber> ready;
    private final Function<Subscriber, History.Slice> historyReader;
    private final HubMetrics metrics;
    private final WriteWatch watch;
    private final @Nullable EventAnnotation annotation;
    private volatile Permission permission;
    private boolean draining = true;
    private volatile boolean hasLeft;
    private @Nullable DisconnectReason reason;

    /**
     * Creates a subscriber whose first drainer is the calling thread.
     *
     * @param ready called when something waits and there is no drainer; from any thread, with locks held
     * @param historyReader calls {@link #read} with the hub's lock held
     */
    public Subscriber(Subscription subscription, Mailbox mailbox, Consumer<Subscriber> ready,
            Function<Subscriber, History.Slice> historyReader, HubMetrics metrics, LongSupplier nanoTime) {
        this.selectors = SelectorSet.of(subscription.selectors());
        this.permission = subscription.permission();
        this.annotation = subscription.annotated() ? new EventAnnotation(selectors) : null;
        this.backlog = new Backlog(mailbox, subscription.live());
        this.ready = ready;
        this.historyReader = historyReader;
        this.metrics = metrics;
        this.watch = new WriteWatch(nanoTime);
    }

    /** Returns the selectors of its subscription. */
    public SelectorSet selectors() {
        return selectors;
    }

    /** Returns why it is closed, or {@code null} while it is open. */
    public synchronized @Nullable DisconnectReason closed() {
        return reason;
    }

    /** Returns an id from which the client can resume before it has received an event, or {@code null} if there is none. */
    public synchronized @Nullable String startId() {
        return backlog.startId();
    }

    /** Finds the place to begin. Called once, with the hub's lock held. */
    public synchronized void start(History history, @Nullable String lastEventId) {
        backlog.start(history, lastEventId, permission::covers);
        closeIfOver();
    }

    /** Adds an event that its selectors match. Called with the hub's lock held, in order; offering an event twice adds it once. */
    public synchronized void offer(Event event) {
        if (reason == null && backlog.accepts(event) && permission.covers(event)) {
            if (!backlog.offer(event)) {
                metrics.reached(Limit.MAILBOX);
            }
            wake();
        }
    }

    /**
     * Writes what waits, or as much of it as fits into one write. Called once by the thread that subscribed, and then by one thread
     * each time that {@code ready} was called.
     *
     * @param writer writes frames, in order and at once. It can block, and is interrupted if a write makes no progress for the write
     *     timeout. What it throws reaches the caller, who must then end the subscription; nothing more is written.
     * @param end ends the stream; it can block and throw like the writer
     */
    public Next drain(Consumer<List<byte[]>> writer, Runnable end) {
        try {
            Batch batch = take();
            if (batch == null) {
                batch = Batch.of(historyReader.apply(this), annotation, this::wants, this::passed);
            } else if (batch.isEmpty() && closed() != null) {
                if (!hasLeft) {
                    HubEvents.farewell(closed()).ifPresent(frame -> writer.accept(List.of(frame)));
                    end.run();
                }
                return Next.END;
            }
            batch.annotate(permission);
            synchronized (this) {
                watch.holds(batch.largeFrame());
            }
            if (!batch.isEmpty()) {
                batch.writeTo(writer, this::moved);
            }
        } finally {
            synchronized (this) {
                watch.end();
            }
        }
        return next();
    }

    /** Takes a batch from the mailbox. Returns {@code null} if the subscriber is catching up. */
    private synchronized @Nullable Batch take() {
        watch.begin();
        if (backlog.isCatchingUp()) {
            return null;
        }
        Batch batch = new Batch(annotation);
        backlog.takeInto(batch);
        return batch;
    }

    /** Reads what comes next in the history. If nothing does, the subscriber is live or closed. Called with the hub's lock held. */
    public synchronized History.Slice read(History history) {
        History.Slice slice = backlog.read(history);
        closeIfOver();
        return slice;
    }

    private synchronized void passed(Event event, boolean given) {
        backlog.passed(event, given);
    }

    private synchronized Next next() {
        if (reason != null || !backlog.isEmpty()) {
            return Next.MORE;
        }
        draining = false;
        return Next.NOTHING;
    }

    /** Closes it: what waits is still drained, and nothing is added. The first reason counts. */
    public synchronized void close(DisconnectReason why) {
        if (reason == null) {
            reason = why;
            wake();
        }
    }

    /** Closes it although a write may hang: nothing more is written, and the drainer is interrupted. */
    public synchronized void abort(DisconnectReason why) {
        backlog.discard();
        close(why);
        watch.interrupt();
    }

    /** Its connection has ended, and nothing more is written. Returns the reason: the first one counts. */
    public synchronized DisconnectReason left(DisconnectReason why) {
        backlog.discard();
        hasLeft = true;
        reason = reason == null ? why : reason;
        return reason;
    }

    /** Replaces the permission, also for events that wait already. Returns false if it is closed. */
    public synchronized boolean renew(Permission renewed) {
        if (reason == null) {
            permission = renewed;
            backlog.retain(renewed::covers);
        }
        return reason == null;
    }

    /**
     * Ends it if its permission has expired. Called periodically. What waits is discarded: the client can read it from the history
     * with a fresh token. A client that has not taken the end of the current write after two seconds is cut off.
     */
    public synchronized void expire(Instant now) {
        if (reason == null && permission.hasExpired(now)) {
            backlog.discard();
            close(DisconnectReason.EXPIRED);
        } else if (reason == DisconnectReason.EXPIRED && permission.hasExpired(now.minus(GRACE))) {
            abort(DisconnectReason.EXPIRED);
        }
    }

    /** Ends it if a write hangs, and sends a heartbeat if it was idle. Called periodically. */
    public synchronized void check(long writeTimeoutNanos, long idleNanos, History.Checkpoint newest) {
        if (watch.hangs(writeTimeoutNanos)) {
            abort(DisconnectReason.TOO_SLOW);
        } else if (!draining && watch.isIdle(idleNanos) && reason == null) {
            backlog.heartbeat(newest);
            wake();
        }
    }

    /**
     * Returns what it makes the hub hold although its writes have stalled for this time, or {@code null} if that is nothing. Called
     * periodically. Empties the mailbox if the history holds the same events.
     *
     * @param gone the history holds all events after this position
     */
    public synchronized @Nullable Stall stall(long nanos, long gone) {
        if (!watch.isStalled(nanos)) {
            return null;
        }
        if (reason == null) {
            backlog.leaveToHistory(gone);
        }
        byte[] frame = watch.largeFrame();
        int size = frame == null ? 0 : frame.length;
        return size == 0 && backlog.bytes() == 0 ? null : new Stall(watch.movedAt(), frame, size, backlog.bytes());
    }

    private synchronized void moved() {
        watch.moved();
    }

    private boolean wants(Event event) {
        return selectors.matchesAny(event.topics()) && permission.covers(event);
    }

    private void closeIfOver() {
        if (backlog.isOver()) {
            close(DisconnectReason.CAUGHT_UP);
        }
    }

    private void wake() {
        if (!draining) {
            draining = true;
            ready.accept(this);
        }
    }
}
