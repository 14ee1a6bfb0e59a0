package dev.ssehub.hub;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;

/** The one place where an event meets its subscribers. All methods may be called from any thread. */
public final class Hub implements AutoCloseable {

    // One lock makes the order: under it an event gets its position, enters the history and is offered to its subscribers, a
    // subscriber is registered or leaves, and one that catches up learns that there is nothing more to read. Nothing under it
    // blocks. The transport calls deliver with a lock of its own held; nothing that holds the hub's lock calls the transport.

    private final HubSettings settings;
    private final Transport transport;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final Caretaker caretaker;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    /** What a publisher's own thread has found out before it takes any lock: trying templates may take long. */
    private final ScopedValue<SubscriberRegistry.Matching> matchingOfPublisher = ScopedValue.newInstance();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final History history;
    private boolean closed;

    /** As the next one, by the system's clock and with nothing counted. */
    public Hub(HubSettings settings, Transport transport) {
        this(settings, transport, HubMetrics.NONE, InstantSource.system());
    }

    /**
     * A hub that works until it is closed. It owns the transport from now on.
     *
     * @param clock says when permissions are over
     */
    public Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock) {
        this(settings, transport, metrics, clock, System::nanoTime);
        caretaker.start();
    }

    /** A hub without a caretaker, for tests that are their own. */
    public Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock, LongSupplier nanoTime) {
        this.settings = settings;
        this.transport = transport;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.caretaker = new Caretaker(this, settings, clock);
        lock.lock(); // the first event may come before there is a history
        try {
            this.history = new History(settings.history(), metrics, nanoTime, transport.start(this::deliver));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Publishes to all who subscribe to one of the topics, on every node of the hub, and returns the id of the event. It
     * does not wait for any subscriber. An update whose publisher gave it the id of an event that is still held, and has the
     * same canonical topic, is taken for that event, and not delivered again.
     *
     * @throws HubClosedException after {@link #close}
     */
    public String publish(Update update) {
        return ScopedValue.where(matchingOfPublisher, registry.match(update.topics())).call(() -> transport.publish(update));
    }

    /**
     * Registers a subscriber. The caller is its first drainer: it calls {@link Subscriber#drain} once, as soon as it can
     * write, and {@link #unsubscribe} in the end, whatever happens. After {@link #close} the subscriber is closed from the
     * start.
     *
     * @param ready called when something waits and nobody drains: from any thread, with locks held, so it may only see to it that
     *     another thread calls {@link Subscriber#drain}
     */
    public Subscriber subscribe(Subscription subscription, Consumer<Subscriber> ready) {
        Subscriber subscriber = new Subscriber(this, subscription, new Mailbox(settings.mailbox()), ready, nanoTime);
        lock.lock();
        try {
            if (closed) {
                subscriber.close(DisconnectReason.SHUTDOWN);
                return subscriber;
            }
            history.evict();
            subscriber.start(history, subscription.lastEventId());
            registry.add(subscriber);
        } finally {
            lock.unlock();
        }
        return subscriber;
    }

    /** Takes a subscriber out. Its reason is the given one unless it was closed before. Doing it twice does nothing. */
    public void unsubscribe(Subscriber subscriber, DisconnectReason reason) {
        boolean wasThere;
        lock.lock();
        try {
            wasThere = registry.remove(subscriber);
            left.signalAll();
        } finally {
            lock.unlock();
        }
        DisconnectReason first = subscriber.left(reason);
        if (wasThere) {
            metrics.ended(first);
        }
    }

    /** An id that stands for all that was published until now; {@link Update#EARLIEST} if that is nothing. */
    public String lastEventId() {
        lock.lock();
        try {
            History.Checkpoint newest = history.newest();
            return newest.position() == 0 ? Update.EARLIEST : newest.id();
        } finally {
            lock.unlock();
        }
    }

    /** A stream that was idle this long gets a sign of life. */
    public Duration heartbeatInterval() {
        return settings.heartbeatInterval();
    }

    /** How many events there have been since the start. */
    public long published() {
        lock.lock();
        try {
            return history.newest().position();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has begun to end: nothing is published any more, and new streams end at once. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** How many there are now. */
    public int subscribers() {
        return registry.all().size();
    }

    /**
     * Ends all streams: each gets what waits for it, and its end. Returns when all have left, or after the given time, when
     * those that have not are cut off.
     */
    public void close(Duration patience) throws InterruptedException {
        transport.close();
        lock.lock();
        try {
            closed = true;
            registry.all().forEach(subscriber -> subscriber.close(DisconnectReason.SHUTDOWN));
            long nanos = patience.toNanos();
            while (!registry.all().isEmpty() && nanos > 0) {
                nanos = left.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
        registry.all().forEach(subscriber -> subscriber.abort(DisconnectReason.SHUTDOWN));
        caretaker.close();
    }

    /** Ends all streams at once. */
    @Override
    public void close() {
        try {
            close(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public HubMetrics metrics() {
        return metrics;
    }

    public History.Slice readHistory(Subscriber subscriber) {
        lock.lock();
        try {
            history.evict();
            return subscriber.readHistory(history);
        } finally {
            lock.unlock();
        }
    }

    /** What the history has at this moment. */
    History.Extent history() {
        lock.lock();
        try {
            history.evict();
            return history.extent();
        } finally {
            lock.unlock();
        }
    }

    /** All subscribers of this moment; they may come and go meanwhile. */
    Collection<Subscriber> registered() {
        return registry.all();
    }

    public Caretaker caretaker() {
        return caretaker;
    }

    private String deliver(String hubId, Update update) {
        SubscriberRegistry.Matching matching = matchingOf(update);
        lock.lock();
        try {
            String id = update.id();
            if (id != null) {
                history.evict();
                if (history.holds(update.topics().getFirst(), id)) {
                    return id;
                }
            }
            Event event = new Event(history.newest().position() + 1, id == null ? hubId : id, hubId, update);
            history.append(event);
            registry.forEach(matching, subscriber -> subscriber.offer(event));
            return event.id();
        } finally {
            lock.unlock();
        }
    }

    /** The transport may deliver on the publisher's thread or on another, and in between what others have published. */
    private SubscriberRegistry.Matching matchingOf(Update update) {
        if (matchingOfPublisher.isBound()) {
            SubscriberRegistry.Matching matching = matchingOfPublisher.get();
            if (matching.topics().equals(update.topics())) {
                return matching;
            }
        }
        return registry.match(update.topics());
    }
}
