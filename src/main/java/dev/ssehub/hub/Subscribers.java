package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.subscriber.Subscriber;
import org.jspecify.annotations.Nullable;

/** The subscribers of a hub: they come and leave, and events are offered to them in order. Thread-safe. */
final class Subscribers {
    // One lock guards the registry. A thread holds it to offer an event to the subscribers, and to add or remove a subscriber.
    // Nothing blocks under this lock.

    /** The streams of this time end together. */
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final HubMetrics metrics;
    private final InstantSource clock;
    private final EndedStreams ended;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition subscriberLeft = lock.newCondition();
    private volatile long delivered;
    private volatile long offered;
    /** How many subscribers the event matches that is being offered. Guarded by the lock. */
    private int matched;
    private volatile boolean closed;
    private volatile Set<String> revoked = Set.of();
    private @Nullable Drain drain;

    Subscribers(HubMetrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        this.ended = new EndedStreams(clock.instant());
    }

    /** Takes the newest position of the history. Called once, before the first event. */
    void start(long newest) {
        delivered = newest;
    }

    /** Takes the position of an event that is not offered, because it is older than all subscribers. */
    void skip(long position) {
        delivered = position;
    }

    /** Lets all live subscribers read the history, because events up to a position are missing. */
    void catchUp(long upTo) {
        lock.lock();
        try {
            registry.all().forEach(subscriber -> subscriber.catchUpFrom(delivered));
            delivered = upTo; // last, because heartbeats carry it
        } finally {
            lock.unlock();
        }
    }

    /** Finds the templates that match any of the topics, see {@link SubscriberRegistry#match}. Takes no lock. */
    SubscriberRegistry.Matching match(List<String> topics, MatchWork work) {
        return registry.match(topics, work);
    }

    /** Adds a subscriber. If the hub stops, or if the key was revoked, closes it, too. */
    void add(Subscriber subscriber) {
        lock.lock();
        try {
            if (closed && drain != null) {
                subscriber.closeForRestart(drain.retryMillis(0, 1));
            } else if (closed) {
                subscriber.close(DisconnectReason.SHUTDOWN);
            } else {
                registry.add(subscriber);
                metrics.opened();
            }
        } finally {
            lock.unlock();
        }
        subscriber.revoke(revoked::contains, clock.instant());
    }

    /** Ends the streams whose token was checked with a key that is gone, see {@link Hub#revoke}. */
    void revoke(Set<String> known, Set<String> gone) {
        revoked = Set.copyOf(gone);
        Instant now = clock.instant();
        registry.all().forEach(subscriber -> subscriber.revoke(key -> !known.contains(key), now));
    }

    /** Offers the next event to the subscribers that it matches, and returns their number. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the lock guards the writes
    int offer(Event event, SubscriberRegistry.Matching matching) {
        lock.lock();
        try {
            offered++;
            matched = 0;
            registry.forEach(matching, subscriber -> {
                if (subscriber.offer(event)) {
                    matched++;
                }
            });
            delivered = event.position();
            return matched;
        } finally {
            lock.unlock();
        }
    }

    /** See {@link Hub#awaitTurn}. */
    void awaitTurn() {
        lock.lock();
        try {
            // a subscriber could be offered an event here
        } finally {
            lock.unlock();
        }
    }

    /** Removes a subscriber. The reason counts only if the subscriber is still open. Removing it again does nothing. */
    void remove(Subscriber subscriber, DisconnectReason reason) {
        boolean wasRegistered;
        long last;
        lock.lock();
        try {
            wasRegistered = registry.remove(subscriber);
            last = delivered;
            subscriberLeft.signalAll();
        } finally {
            lock.unlock();
        }
        DisconnectReason first = subscriber.disconnected(reason);
        if (wasRegistered) {
            metrics.ended(first);
            ended.add(new EndedStreams.Ended(subscriber.status(), clock.instant(), last));
        }
    }

    /**
     * Ends all streams, and those that come later. Each subscriber still receives its waiting events, and then its reconnection time.
     * Blocks until all subscribers have left, or until the timeout.
     */
    void drain(Drain how) throws InterruptedException {
        long begin = System.nanoTime();
        List<Subscriber> open = close(how);
        for (int i = 0; i < open.size(); i++) {
            long early = begin + how.nanosBefore(i, open.size()) - System.nanoTime();
            if (early > PACE_NANOS) {
                TimeUnit.NANOSECONDS.sleep(early);
            }
            open.get(i).closeForRestart(how.retryMillis(i, open.size()));
        }
        awaitEmpty(begin + how.flushNanos());
        registry.all().forEach(Subscriber::finish);
        awaitEmpty(begin + how.timeout().toNanos());
    }

    /** Takes no further subscribers. Returns those that are there. */
    private List<Subscriber> close(@Nullable Drain how) {
        lock.lock();
        try {
            closed = true;
            drain = how == null ? drain : how;
            return List.copyOf(registry.all());
        } finally {
            lock.unlock();
        }
    }

    private void awaitEmpty(long end) throws InterruptedException {
        lock.lock();
        try {
            for (long left = end - System.nanoTime(); left > 0 && !registry.all().isEmpty();) {
                left = subscriberLeft.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Aborts all streams, and ends those that come later. */
    void abort() {
        close(null).forEach(subscriber -> subscriber.abort(DisconnectReason.SHUTDOWN));
    }

    EndedStreams ended() {
        return ended;
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns the position up to which all events were offered to the subscribers. */
    long delivered() {
        return delivered;
    }

    /** Returns the number of events that were offered. */
    long offered() {
        return offered;
    }

    /** Returns a live view of all subscribers. Any thread may read it. */
    Collection<Subscriber> all() {
        return registry.all();
    }
}
