package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;

/** The hub: publishes updates, keeps the history, and delivers events to subscribers. Thread-safe. */
public final class Hub implements AutoCloseable {
    // One lock orders the events. A thread holds it to give an event its position, add it to the history and offer it to the
    // subscribers; to add or remove a subscriber; and to read the history for a subscriber that catches up. Nothing blocks under
    // this lock. The transport calls deliver() with its own lock held, so the hub never calls the transport under this lock.

    /** The part of the heap for all mailboxes, and again for the large events that clients read slowly. */
    private static final int HEAP_DIVISOR = 8;

    private final HubSettings settings;
    private final Transport transport;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    private final Mailbox.Memory mailboxes;
    private final Caretaker caretaker;
    private final Function<Subscriber, History.Slice> historyReader = this::readHistory;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition subscriberLeft = lock.newCondition();
    private final History history;
    private volatile boolean closed;

    /** Starts a hub, which owns the transport and closes it. Permissions expire by the clock. */
    public Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock) {
        this(settings, transport, metrics, clock, System::nanoTime, Runtime.getRuntime().maxMemory());
        caretaker.start();
    }

    /** Creates a hub without starting its caretaker, for tests. */
    Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock, LongSupplier nanoTime, long heap) {
        this.settings = settings;
        this.transport = transport;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.mailboxes = new Mailbox.Memory(heap / HEAP_DIVISOR);
        this.caretaker = new Caretaker(this::history, registry.all(), mailboxes, heap / HEAP_DIVISOR, settings, clock);
        lock.lock(); // the transport may deliver the first event before the history exists
        try {
            this.history = new History(settings.history(), metrics, nanoTime, transport.start(this::deliver));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Publishes an update of the hub itself to all matching subscribers on every node of the hub, and returns the id of the event.
     * Does not wait for subscribers. If the history holds an event with the same publisher's id and the same canonical topic, the
     * update is a repetition and is not delivered again.
     *
     * @throws HubClosedException after {@link #close}
     */
    public String publish(Update update) {
        return publish(update, MatchWork.unlimited());
    }

    /**
     * Like {@link #publish}, for an update of a client. An update whose subscribers cannot be found in time is refused, and no
     * subscriber receives it.
     *
     * @throws LimitExceededException if the search takes too long, or if the thread is interrupted during a long search
     */
    public String publishForClient(Update update) {
        return publish(update, MatchWork.limited());
    }

    private String publish(Update update, MatchWork work) {
        return transport.publish(new Transport.Publication(update, registry.match(update.topics(), work)));
    }

    /**
     * Registers a subscriber. The calling thread is its first drainer: it must call {@link Subscriber#drain} once, as soon as it
     * can write, and finally {@link #unsubscribe} in all cases. After {@link #close}, the returned subscriber is already closed.
     *
     * @param ready called when there is something to write and no drainer. Called from any thread, with locks held, so it must
     *     only schedule a call of {@link Subscriber#drain} on another thread.
     */
    public Subscriber subscribe(Subscription subscription, Consumer<Subscriber> ready) {
        Subscriber subscriber = new Subscriber(subscription, new Mailbox(settings.mailbox(), mailboxes), ready, historyReader,
                metrics, nanoTime, clock);
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

    /** Removes a subscriber. The reason counts only if the subscriber is still open. Removing it again does nothing. */
    public void unsubscribe(Subscriber subscriber, DisconnectReason reason) {
        boolean wasRegistered;
        lock.lock();
        try {
            wasRegistered = registry.remove(subscriber);
            subscriberLeft.signalAll();
        } finally {
            lock.unlock();
        }
        DisconnectReason first = subscriber.disconnected(reason);
        if (wasRegistered) {
            metrics.ended(first);
        }
    }

    /** Returns the checkpoint of the newest event, or {@link Update#EARLIEST} if nothing was published. */
    public String lastEventId() {
        History.Checkpoint newest = history().newest();
        return newest.position() == 0 ? Update.EARLIEST : newest.id();
    }

    /** Returns the number of events since the hub was created. */
    public long published() {
        return history().newest().position();
    }

    /** Returns the time after which an idle stream receives a heartbeat. */
    public Duration heartbeatInterval() {
        return settings.heartbeatInterval();
    }

    /** Returns whether the hub is closing or closed. Then new streams end immediately, and nothing can be published. */
    public boolean isClosed() {
        return closed;
    }

    public int subscribers() {
        return registry.all().size();
    }

    /**
     * Closes the hub and ends all streams. Each subscriber still receives its waiting events. Blocks until all subscribers have
     * left, or until the timeout; then aborts the remaining subscribers.
     */
    public void close(Duration timeout) throws InterruptedException {
        transport.close();
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
        caretaker.close();
    }

    /** Closes the hub and aborts all streams. */
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

    Mailbox.Memory mailboxes() {
        return mailboxes;
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

    private String deliver(String hubId, Transport.Publication publication) {
        Update update = publication.update();
        SubscriberRegistry.Matching matching = Objects.requireNonNullElseGet(publication.matching(),
                () -> registry.match(update.topics(), MatchWork.unlimited()));
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
