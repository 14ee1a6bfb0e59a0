package dev.ssehub.hub;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The one place where events meet their subscribers. Any thread may call any method. */
public final class Hub implements AutoCloseable {

    // One lock makes the order of events. Under it, an event gets its position, enters the history and is offered to its
    // subscribers; subscribers are registered and removed; and a subscriber that catches up learns that it has read everything.
    // Nothing blocks under this lock. The transport calls deliver() while it holds a lock of its own, so the transport is never
    // called with the hub's lock held.

    private final HubSettings settings;
    private final Transport transport;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    private final Caretaker caretaker;
    private final Function<Subscriber, History.Slice> historyReader = this::readHistory;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private final History history;
    private boolean closed;

    /** Creates a hub with the system's clock and without metrics. */
    public Hub(HubSettings settings, Transport transport) {
        this(settings, transport, HubMetrics.NONE, InstantSource.system());
    }

    /**
     * Creates a hub that works until it is closed. It owns the transport from now on.
     *
     * @param clock the time by which permissions expire
     */
    public Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock) {
        this(settings, transport, metrics, clock, System::nanoTime);
        caretaker.start();
    }

    /** Creates a hub whose caretaker is not started, for tests. */
    Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock, LongSupplier nanoTime) {
        this.settings = settings;
        this.transport = transport;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.caretaker = new Caretaker(this::history, registry.all(), settings, clock);
        lock.lock(); // the transport may deliver the first event before the history exists
        try {
            this.history = new History(settings.history(), metrics, nanoTime, transport.start(this::deliver));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Publishes an update to all matching subscribers, on every node of the hub, and returns the id of the event. Does not wait for any
     * subscriber. If the publisher chose an id that an event in the history has already, with the same canonical topic, the update
     * is a repetition: it is not delivered again.
     *
     * @throws HubClosedException after {@link #close}
     */
    public String publish(Update update) {
        return transport.publish(new Publication(update, registry.match(update.topics())));
    }

    /**
     * Registers a subscriber. The calling thread is its first drainer: it must call {@link Subscriber#drain} once, as soon as it can
     * write, and in the end {@link #unsubscribe}, whatever happens. After {@link #close}, the new subscriber is closed from the start.
     *
     * @param ready called when something waits and there is no drainer. It is called from any thread, with locks held, so it must
     *     only arrange that another thread calls {@link Subscriber#drain}.
     */
    public Subscriber subscribe(Subscription subscription, Consumer<Subscriber> ready) {
        Subscriber subscriber = new Subscriber(subscription, new Mailbox(settings.mailbox()), ready, historyReader, metrics,
                nanoTime);
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

    /** Removes a subscriber. The reason counts if the subscriber was not closed before. Removing it again does nothing. */
    public void unsubscribe(Subscriber subscriber, DisconnectReason reason) {
        boolean wasRegistered;
        lock.lock();
        try {
            wasRegistered = registry.remove(subscriber);
            left.signalAll();
        } finally {
            lock.unlock();
        }
        DisconnectReason first = subscriber.left(reason);
        if (wasRegistered) {
            metrics.ended(first);
        }
    }

    /** Returns an id that stands for everything published until now, or {@link Update#EARLIEST} if nothing was published. */
    public String lastEventId() {
        History.Checkpoint newest = newest();
        return newest.position() == 0 ? Update.EARLIEST : newest.id();
    }

    /** Returns the number of events since the start. */
    public long published() {
        return newest().position();
    }

    private History.Checkpoint newest() {
        lock.lock();
        try {
            return history.newest();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the time after which an idle stream gets a heartbeat. */
    public Duration heartbeatInterval() {
        return settings.heartbeatInterval();
    }

    /** Returns whether it is closing or closed: then nothing can be published, and new streams end at once. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of subscribers. */
    public int subscribers() {
        return registry.all().size();
    }

    /**
     * Ends all streams: each subscriber still gets what waits for it, and then the end of its stream. Returns when all subscribers have
     * left, or after the timeout; then the others are cut off.
     */
    public void close(Duration timeout) throws InterruptedException {
        transport.close();
        lock.lock();
        try {
            closed = true;
            registry.all().forEach(subscriber -> subscriber.close(DisconnectReason.SHUTDOWN));
            long nanos = timeout.toNanos();
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

    Caretaker caretaker() {
        return caretaker;
    }

    private History.Slice readHistory(Subscriber subscriber) {
        lock.lock();
        try {
            history.evict();
            return subscriber.read(history);
        } finally {
            lock.unlock();
        }
    }

    History.Extent history() {
        lock.lock();
        try {
            history.evict();
            return history.extent();
        } finally {
            lock.unlock();
        }
    }

    private String deliver(String hubId, Publication publication) {
        Update update = publication.update();
        SubscriberRegistry.Matching matching = Objects.requireNonNullElseGet(publication.matching(),
                () -> registry.match(update.topics()));
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
}
