package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.subscriber.Subscriber;

/** The subscribers of a hub: they come and leave, and events are offered to them in order. Thread-safe. */
final class Subscribers {
    // One lock guards the registry. A thread holds it to offer an event to the subscribers, and to add or remove a subscriber.
    // Nothing blocks under this lock.

    private final HubMetrics metrics;
    private final InstantSource clock;
    private final EndedStreams ended;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition subscriberLeft = lock.newCondition();
    private volatile long delivered;
    private volatile long offered;
    private volatile boolean closed;
    private volatile Set<String> revoked = Set.of();

    Subscribers(HubMetrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        this.ended = new EndedStreams(clock.instant());
    }

    /** Takes the newest position of the history. Called once, before the first event. */
    void start(long newest) {
        delivered = newest;
    }

    /** Finds the templates that match any of the topics, see {@link SubscriberRegistry#match}. Takes no lock. */
    SubscriberRegistry.Matching match(List<String> topics, MatchWork work) {
        return registry.match(topics, work);
    }

    /** Adds a subscriber. After {@link #close}, or if its key was revoked, closes it, too. */
    void add(Subscriber subscriber) {
        lock.lock();
        try {
            if (closed) {
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

    /** Offers the next event to the subscribers that it matches. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the lock guards the writes
    void offer(Event event, SubscriberRegistry.Matching matching) {
        lock.lock();
        try {
            offered++;
            registry.forEach(matching, subscriber -> subscriber.offer(event));
            delivered = event.position();
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
     * Ends all streams, and those that come later. Each subscriber still receives its waiting events. Blocks until all subscribers
     * have left, or until the timeout; then aborts the remaining subscribers.
     */
    void close(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            registry.all().forEach(subscriber -> subscriber.close(DisconnectReason.SHUTDOWN));
            long nanos = timeout.toNanos();
            while (!registry.all().isEmpty() && nanos > 0) {
                nanos = subscriberLeft.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
        registry.all().forEach(subscriber -> subscriber.abort(DisconnectReason.SHUTDOWN));
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
