package dev.ssehub.subscriber;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.history.History;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.StallLimit;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.Limit;
import dev.ssehub.topic.SelectorSet;

/** One subscription, from its first event to its end. It does no I/O: whoever runs {@link #drain} brings the writer. */
public final class Subscriber {

    // There is at most one drainer. Who makes the first thing wait while nobody drains (offer, heartbeat, close) asks for one
    // by calling `ready`, with the monitor held; the drainer gives up its role in the same synchronized block in which it
    // finds nothing left. The thread that subscribes has the role first: nothing is written before it is ready to.
    //
    // Locks: the monitor guards all fields. It may be taken with the hub's lock held, never the other way round, and it is
    // not held while the writer writes.

    /** What is left when a drainer has written. */
    public enum Next {
        /** Nothing waits: {@code ready} will be called when something does. */
        NOTHING,
        /** More waits: whoever called is still the drainer, and calls again. */
        MORE,
        /** It is closed, and its stream has ended. */
        END
    }

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Hub hub;
    private final SelectorSet selectors;
    private final Entitlement entitlement;
    private final @Nullable EventAnnotation explanation;
    private final Backlog backlog;
    private final Consumer<Subscriber> ready;
    private final WriteWatch watch;

    private boolean draining = true;
    private boolean hasLeft;
    private @Nullable DisconnectReason reason;

    public Subscriber(Hub hub, Subscription subscription, Mailbox mailbox, Consumer<Subscriber> ready, LongSupplier nanoTime) {
        this.hub = hub;
        this.selectors = SelectorSet.of(subscription.selectors());
        this.entitlement = new Entitlement(subscription.permission());
        this.explanation = subscription.explained() ? new EventAnnotation(selectors, entitlement) : null;
        this.backlog = new Backlog(mailbox, subscription.live());
        this.ready = ready;
        this.watch = new WriteWatch(nanoTime);
    }

    /**
     * Writes what waits, or as much of it as one write takes. Called by the thread that subscribed, and then by one thread each
     * time that {@code ready} was called; it may let others have their turn before it calls again because there is more.
     *
     * @param writer takes frames to write, in order and at once; it may block, and is interrupted when a write has not moved for
     *     the write timeout. What it throws ends the drain and reaches the caller, who must then end the subscription: nothing
     *     more is written to it.
     * @param end ends the stream; like the writer in all else
     */
    public Next drain(Consumer<List<byte[]>> writer, Runnable end) {
        return Drain.run(hub, this, writer, end);
    }

    /** Why it is closed, or {@code null} while it is open. */
    public synchronized @Nullable DisconnectReason closed() {
        return reason;
    }

    /**
     * An id that stands for what it had before its first event, or {@code null} if the hub does not know what that is. A client
     * that is given it can come back although it has had no event.
     */
    public synchronized @Nullable String startId() {
        return backlog.startId();
    }

    public SelectorSet selectors() {
        return selectors;
    }

    @Nullable
    EventAnnotation explanation() {
        return explanation;
    }

    /** Called once, with the hub's lock held: finds its place. */
    public synchronized void start(History history, @Nullable String lastEventId) {
        backlog.start(history, lastEventId, entitlement::covers);
        closeIfOver();
    }

    /** Called with the hub's lock held, for every event of its topics, in order; twice in a row is once. */
    public synchronized void offer(Event event) {
        if (reason == null && backlog.isNews(event) && entitlement.covers(event)) {
            if (!backlog.offer(event)) {
                hub.metrics().reached(Limit.MAILBOX);
            }
            wake();
        }
    }

    /** Ends it: what waits is still drained, and no more comes. The first reason stays. */
    public synchronized void close(DisconnectReason why) {
        if (reason == null) {
            reason = why;
            wake();
        }
    }

    /**
     * From now on, this permission counts, for all that the drainer has not taken yet. Returns whether that is so: not if the
     * subscriber is closed already.
     */
    public synchronized boolean renew(Permission permission) {
        if (reason == null) {
            entitlement.renew(permission);
            backlog.retain(entitlement::covers);
        }
        return reason == null;
    }

    /**
     * Called from time to time: ends it if its permission is over. What waits is not given to it any more; it is in the history,
     * should the client come back with a new one. Who has not even taken the end of the write under way by then is cut off.
     */
    public synchronized void expire(Instant now) {
        if (reason == null && entitlement.hasExpired(now)) {
            backlog.discard();
            close(DisconnectReason.EXPIRED);
        } else if (reason == DisconnectReason.EXPIRED && entitlement.hasExpired(now.minus(GRACE))) {
            abort(DisconnectReason.EXPIRED);
        }
    }

    /** Its stream is over already: nothing is written any more. Returns why: the first reason stays. */
    public synchronized DisconnectReason left(DisconnectReason why) {
        backlog.discard();
        hasLeft = true;
        DisconnectReason first = reason == null ? why : reason;
        reason = first;
        return first;
    }

    /** Ends it although a write may hang: nothing more is written, and the drainer is interrupted. */
    public synchronized void abort(DisconnectReason why) {
        backlog.discard();
        close(why);
        watch.interrupt();
    }

    /**
     * Called from time to time: ends it if a write hangs, and makes it send a sign of life if it was idle.
     *
     * @param newest where the hub was a moment ago
     */
    public synchronized void check(long writeTimeoutNanos, long idleNanos, History.Checkpoint newest) {
        if (watch.hangs(writeTimeoutNanos)) {
            abort(DisconnectReason.TOO_SLOW);
        } else if (!draining && watch.stillFor(idleNanos) && reason == null) {
            backlog.heartbeat(newest);
            wake();
        }
    }

    /**
     * Called from time to time: what it makes the hub hold although a write has not moved for so long, or is of an event that takes
     * so long; {@code null} if that is nothing. What the history has, its mailbox need not.
     *
     * @param gone the history has all events after this position
     */
    public synchronized StallLimit.@Nullable Stall stall(long nanos, long gone) {
        if (!watch.hangs(nanos) && !watch.holdsFor(nanos)) {
            return null;
        }
        if (reason == null) {
            backlog.leaveToHistory(gone);
        }
        byte[] frame = watch.frame();
        return frame == null && backlog.bytes() == 0
                ? null
                : new StallLimit.Stall(this, watch.movedAt(), frame, frame == null ? 0 : frame.length, backlog.bytes());
    }

    /** Called with the hub's lock held: what comes next in the history; when that is nothing, the subscriber is live, or closed. */
    public synchronized History.Slice readHistory(History history) {
        History.Slice slice = backlog.readHistory(history);
        closeIfOver();
        return slice;
    }

    private void closeIfOver() {
        if (backlog.isOver()) {
            close(DisconnectReason.CAUGHT_UP);
        }
    }

    synchronized void holds(byte[] large) {
        watch.holds(large);
    }

    synchronized void moved() {
        watch.moved();
    }

    synchronized void stopWatching() {
        watch.end();
    }

    synchronized boolean hasLeft() {
        return hasLeft;
    }

    /** What waits in the mailbox, as much as one write takes; {@code null} if it is the history's turn. */
    synchronized @Nullable Batch take() {
        watch.begin();
        if (backlog.isCatchingUp()) {
            return null;
        }
        Batch batch = new Batch(explanation);
        backlog.takeInto(batch);
        return batch;
    }

    synchronized Next next() {
        if (reason != null || !backlog.isEmpty()) {
            return Next.MORE;
        }
        draining = false;
        return Next.NOTHING;
    }

    /** Called by the drainer for each event of the history, in order: it has been given it, or it was not for this subscriber. */
    synchronized void reached(Event event, boolean given) {
        backlog.reached(event, given);
    }

    /** Whether it is to be given this event, as far as its selectors say. */
    boolean wants(Event event) {
        return selectors.matchesAny(event.topics()) && entitlement.covers(event);
    }

    private void wake() {
        if (!draining) {
            draining = true;
            ready.accept(this);
        }
    }
}
