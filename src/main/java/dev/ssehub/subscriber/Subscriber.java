package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.History;
import dev.ssehub.history.Slice;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.topic.SelectorSet;
import org.jspecify.annotations.Nullable;

/** One subscription from start to end. Does no I/O itself: the caller of {@link #drain} passes a writer. Thread-safe. */
public final class Subscriber {
    // At most one thread at a time is the drainer. The first one is the thread that subscribes, so nothing is written before it
    // is ready. A drainer stops being the drainer in the same synchronized block in which it finds nothing left to write. Then the
    // first call that adds something to write (offer, close, a heartbeat) calls `ready` to request another, with locks held.
    //
    // The monitor guards all fields. A thread that holds the hub's lock may enter the monitor, but a thread in the monitor must
    // not take the hub's lock. The monitor is not held while the writer writes.

    private final Opening opening;
    private final SelectorSet selectors;
    private final Progress progress = new Progress();
    private final Backlog backlog;
    private final CatchUp catchUp;
    private final HubMetrics metrics;
    private final WriteWatch watch;
    private final InstantSource clock;
    private final @Nullable EventAnnotation annotation;
    private final Ending ending;
    private volatile Permission permission;

    /** The calling thread is the first drainer. */
    public Subscriber(Subscription subscription, Mailbox mailbox, Consumer<Subscriber> ready, History history, HubMetrics metrics,
            LongSupplier nanoTime, InstantSource clock) {
        this.opening = Opening.of(subscription.client(), clock.instant());
        this.selectors = SelectorSet.of(subscription.selectors());
        this.permission = subscription.permission();
        this.annotation = subscription.annotated() ? new EventAnnotation(selectors) : null;
        this.backlog = new Backlog(mailbox, progress, subscription);
        this.catchUp = new CatchUp(history, selectors);
        this.metrics = metrics;
        this.watch = new WriteWatch(nanoTime, () -> ready.accept(this));
        this.clock = clock;
        this.ending = new Ending(subscription.checkpoints());
    }

    public SelectorSet selectors() {
        return selectors;
    }

    /** Returns the stream as it is now. Any thread may call; it waits for no I/O. */
    public synchronized StreamStatus status() {
        return new StreamStatus(opening, selectors, permission, ending.reason(), backlog.isCatchingUp(),
                backlog.waitingEvents() + progress.writingEvents(), backlog.waitingBytes() + progress.writingBytes(),
                backlog.firstWaiting(), progress.place(), watch.stalledNanos());
    }

    /** Returns why the subscriber was closed, or {@code null} while it is open. */
    public synchronized @Nullable DisconnectReason closed() {
        return ending.reason();
    }

    /** Returns the id from which the client can resume before its first event, or {@code null} if no id is known. */
    public synchronized @Nullable String startId() {
        return progress.startId();
    }

    /** Finds the start, unless it is {@code known}. Called once, by the first drainer, after the registration. May block on I/O. */
    public void start(Subscription subscription, OptionalLong known) {
        Start start = catchUp.start(subscription, known, event -> permission.covers(event));
        synchronized (this) {
            if (backlog.start(start, catchUp.newest())) {
                closeIfNothingWaits(DisconnectReason.CAUGHT_UP);
            }
        }
    }

    /**
     * Adds an event that the selectors match, once, even if it is offered twice. The history has the event already. Called with the
     * hub's lock held, in order. Returns whether this is the first offer, and the subscriber may receive the event.
     */
    public synchronized boolean offer(Event event) {
        boolean matches = ending.reason() == null && backlog.isFirstOffer(event) && permission.covers(event);
        if (matches && backlog.offer(event, metrics)) {
            watch.wake();
        }
        return matches;
    }

    /**
     * Writes what is waiting, up to the size of one write. Called once by the subscribing thread, then after each {@code ready}.
     *
     * @param writer writes frames immediately. It may block; its thread is interrupted if the write makes no progress for the
     *     write timeout. An exception is passed on to the caller, who must then unsubscribe and not drain again.
     * @param end ends the stream; it may block and throw like the writer
     */
    public Next drain(Consumer<List<byte[]>> writer, Runnable end) {
        try {
            Batch batch = take();
            if (batch.mayBeLast() && catchUp.isOver(batch.end(), permission::covers)) {
                closeIfNothingWaits(DisconnectReason.ENDED);
            }
            if (batch.isEmpty() && isFinished()) {
                ending.write(writer, end);
                return Next.END;
            }
            batch.annotate(permission);
            synchronized (this) {
                watch.largeFrame(batch.largeFrame());
                progress.writing(batch);
            }
            if (!batch.isEmpty() && (permission.expires() == null || !expire(clock.instant()))) {
                batch.writeTo(writer, this::progressed, metrics, clock);
            }
        } finally {
            synchronized (this) {
                watch.end();
            }
        }
        return next();
    }

    /** Takes a batch from the mailbox, or from the history. It can be empty although more events follow in the history. */
    private Batch take() {
        Batch batch = new Batch(annotation);
        long after;
        synchronized (this) {
            watch.begin();
            if (backlog.takeInto(batch)) {
                return batch;
            }
            after = progress.position();
        }
        Slice slice = catchUp.read(after, event -> permission.covers(event), batch::sizeOf);
        synchronized (this) {
            catchUp.take(slice, batch, backlog, progress, event -> permission.covers(event));
            if (backlog.isComplete()) {
                closeIfNothingWaits(DisconnectReason.CAUGHT_UP);
            }
        }
        return batch;
    }

    private synchronized boolean isFinished() {
        return backlog.isEmpty() && ending.endsAt(progress.position());
    }

    private synchronized Next next() {
        progress.written();
        if (ending.reason() != null || !backlog.isEmpty()) {
            return Next.MORE;
        }
        watch.rest();
        return Next.NOTHING;
    }

    /** Lets the subscriber read the history after the last position that was offered. Called with the hub's lock held. */
    public synchronized void catchUpFrom(long offered) {
        if (ending.reason() == null && backlog.catchUpAfter(offered)) {
            watch.wake();
        }
    }

    /** Closes the subscriber. Waiting events are still written, and no events are added. Only the first reason counts. */
    public synchronized void close(DisconnectReason why) {
        if (ending.begin(why)) {
            watch.wake();
        }
    }

    /** Closes the subscriber because the hub stops. After its waiting events, the client is told when to reconnect. */
    public synchronized void closeForRestart(long retryMillis) {
        ending.reconnectAfter(retryMillis);
        close(DisconnectReason.SHUTDOWN);
    }

    /** Drops the waiting events of a closed subscriber. A write in progress goes on, and then the stream ends. */
    public synchronized void finish() {
        backlog.discard();
    }

    /** Closes the subscriber, drops waiting events, and interrupts a write in progress. */
    public synchronized void abort(DisconnectReason why) {
        backlog.discard();
        close(why);
        watch.interrupt();
    }

    /** Records that the connection has ended. Nothing more is written. Returns the first reason for closing the subscriber. */
    public synchronized DisconnectReason disconnected(DisconnectReason why) {
        backlog.discard();
        return ending.disconnected(why);
    }

    /** Replaces the permission, also for waiting events. Returns false if the subscriber is closed. */
    public synchronized boolean renew(Permission renewed) {
        if (ending.reason() == null) {
            permission = renewed;
            backlog.retain(renewed::covers);
            watch.wake();
        }
        return ending.reason() == null;
    }

    /** Lets the permission expire now if it comes from a token that was checked with a key that is gone, given its thumbprint. */
    public synchronized void revoke(Predicate<String> isGone, Instant now) {
        if (permission.comesFrom(isGone)) {
            permission = permission.expiring(now);
            expire(now);
        }
    }

    /**
     * Closes the subscriber and drops its waiting events if its permission has expired; returns whether it has. Called
     * periodically and before each write. If a write is still in progress two seconds later, the subscriber is aborted.
     */
    public synchronized boolean expire(Instant now) {
        boolean expired = permission.hasExpired(now);
        if (ending.reason() == DisconnectReason.EXPIRED && permission.hasExpired(now.minusSeconds(2))) {
            abort(DisconnectReason.EXPIRED);
        } else if (expired) {
            backlog.discard();
            close(DisconnectReason.EXPIRED);
        }
        return expired;
    }

    /** Aborts the subscriber if a write hangs, and sends a heartbeat if the stream is idle. Called periodically. */
    public synchronized void check(long writeTimeoutNanos, long idleNanos, long newest) {
        if (watch.hangs(writeTimeoutNanos)) {
            abort(DisconnectReason.TOO_SLOW);
        } else if (watch.isIdle(idleNanos) && ending.reason() == null) {
            backlog.heartbeat(newest);
            watch.wake();
        }
    }

    /**
     * Returns the large frame that a write holds that has stalled for {@code nanos}, or {@code null}. Called periodically. Clears the
     * mailbox of a stalled subscriber if all its events are after {@code evicted}: the subscriber catches up from the history.
     */
    public synchronized StreamStatus.@Nullable Stall stall(long nanos, long evicted) {
        boolean isStalled = watch.isStalled(nanos);
        if (isStalled && ending.reason() == null) {
            backlog.spillToHistory(evicted);
        }
        return isStalled ? watch.stall() : null;
    }

    private synchronized void progressed() {
        watch.progressed();
    }

    private synchronized void closeIfNothingWaits(DisconnectReason why) {
        if (backlog.isEmpty()) {
            close(why);
        }
    }
}
