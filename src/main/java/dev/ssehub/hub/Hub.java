package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.LimitExceededException;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;

/** The hub: publishes updates, keeps the history, and delivers events to subscribers. Thread-safe. */
public final class Hub implements AutoCloseable {
    /** The part of the heap for all mailboxes, and again for the large events that clients read slowly. */
    private static final int HEAP_DIVISOR = 8;

    private volatile HubSettings settings;
    private final Transport transport;
    private final Publishing publishing;
    private final Resumption resumption;
    private final HubMetrics metrics;
    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Subscribers subscribers;
    private final Mailbox.Memory mailboxes;
    private final Caretaker caretaker;
    private final History history;

    /** Starts a hub with a history in memory. It owns the transport and closes it. Permissions expire by the clock. */
    public Hub(HubSettings settings, Transport transport, HubMetrics metrics, InstantSource clock) {
        this(settings, new MemoryHistory(settings.history(), System::nanoTime), transport, metrics, clock);
    }

    /** Starts a hub. It owns the history and the transport and closes them. Permissions expire by the clock. */
    public Hub(HubSettings settings, History history, Transport transport, HubMetrics metrics, InstantSource clock) {
        this(settings, history, transport, metrics, clock, System::nanoTime, Runtime.getRuntime().maxMemory());
        caretaker.start();
    }

    /** Creates a hub without starting its caretaker, for tests. */
    Hub(HubSettings settings, History history, Transport transport, HubMetrics metrics, InstantSource clock,
            LongSupplier nanoTime, long heap) {
        this.settings = settings;
        this.history = history;
        this.transport = transport;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.mailboxes = new Mailbox.Memory(heap / HEAP_DIVISOR);
        this.subscribers = new Subscribers(metrics, clock);
        this.caretaker = new Caretaker(history, subscribers::delivered, subscribers.all(), mailboxes, heap / HEAP_DIVISOR,
                settings, clock);
        this.publishing = new Publishing(transport, history, subscribers, metrics);
        this.resumption = new Resumption(transport, history, clock);
        publishing.start();
    }

    /**
     * Publishes an update of the hub itself to all matching subscribers on every node of the hub, and returns the id of the event.
     * Blocks until the event is in the history. Does not wait for subscribers. If the history holds an event with the same
     * publisher's id and the same canonical topic, the update is a repetition and is not delivered again.
     *
     * @throws HubClosedException after {@link #close}
     * @throws HistoryUnavailableException if the history cannot take the event now; it will be able to later
     */
    public String publish(Update update) {
        return publish(update, PublishedBy.HUB, false);
    }

    /**
     * Like {@link #publish(Update)}, for an update of a feed.
     *
     * @param local whether only the subscribers of this node receive the event
     */
    public String publish(Update update, PublishedBy feed, boolean local) {
        return publish(List.of(update), feed, local).getFirst();
    }

    /** Like {@link #publish(Update, PublishedBy, boolean)}, for updates that enter the history together, in their order, or not at all. */
    public List<String> publish(List<Update> updates, PublishedBy feed, boolean local) {
        return publishing.publish(updates, feed, local);
    }

    /**
     * Like {@link #publish(Update)}, for updates of a client, which enter the history together, in their order, or not at all. If the
     * subscribers of one of them cannot be found in time, all are refused.
     *
     * @param matched takes the number of subscribers that an event matches, before this returns; not called for a repetition
     * @throws LimitExceededException if the search takes too long, or if the thread is interrupted during a long search
     */
    public List<String> publishForClient(List<Update> updates, IntConsumer matched) {
        return publishing.publishForClient(updates, matched);
    }

    /**
     * Registers a subscriber. The calling thread is its first drainer: it must call {@link Subscriber#drain} once, as soon as it
     * can write, and finally {@link #unsubscribe} in all cases. After {@link #close}, the returned subscriber is already closed.
     *
     * @param ready called when there is something to write and no drainer. Called from any thread, with locks held, so it must
     *     only schedule a call of {@link Subscriber#drain} on another thread.
     */
    public Subscriber subscribe(Subscription subscription, Consumer<Subscriber> ready) {
        Subscriber subscriber = new Subscriber(subscription, new Mailbox(settings.mailbox(), mailboxes), ready, history, metrics,
                nanoTime, clock);
        subscribers.add(subscriber);
        try {
            subscriber.start(subscription, resumption.after(subscription.lastEventId()));
        } catch (Throwable e) {
            unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
            throw e;
        }
        return subscriber;
    }

    /**
     * Returns whether a stream would have nothing to say: the client comes back with the id of the last event, and all its topics have
     * ended. May block on I/O.
     *
     * @throws HistoryUnavailableException if the history cannot be read now
     */
    public boolean isOver(Subscription subscription) {
        return resumption.isOver(subscription);
    }

    /**
     * Replaces the limits of the history, and of the mailboxes of new subscribers; the intervals stay. Blocks until the history has
     * given up what exceeds its limits.
     *
     * @throws HistoryUnavailableException if the hub is closed
     */
    public void apply(HubSettings next) {
        settings = new HubSettings(settings.heartbeatInterval(), settings.writeTimeout(), next.mailbox(), next.history());
        history.apply(next.history());
    }

    /**
     * Ends the streams whose token was checked with a key that is gone, given the thumbprints of keys.
     *
     * @param known the keys that are in use now
     * @param gone the keys that were in use before: streams that are just being opened end, too
     */
    public void revoke(Set<String> known, Set<String> gone) {
        subscribers.revoke(known, gone);
    }

    /**
     * Forgets the past of a topic on all nodes. May block on I/O.
     *
     * @throws HistoryUnavailableException if the history cannot be changed now
     */
    public void forget(String topic) {
        publishing.forgetEverywhere(topic);
    }

    /** Removes a subscriber. The reason counts only if the subscriber is still open. Removing it again does nothing. */
    public void unsubscribe(Subscriber subscriber, DisconnectReason reason) {
        subscribers.remove(subscriber, reason);
    }

    /** Returns the hub's id of the newest event, or {@link Update#EARLIEST} if there was none. */
    public String lastEventId() {
        long newest = history.newest();
        return newest == history.beginning() ? Update.EARLIEST : HubId.text(newest);
    }

    /** Returns the number of events since the hub was created. */
    public long published() {
        return subscribers.offered();
    }

    /** Returns the settings that apply now. */
    public HubSettings settings() {
        return settings;
    }

    /** Returns whether the hub is closing or closed. Then new streams end immediately, and nothing can be published. */
    public boolean isClosed() {
        return subscribers.isClosed();
    }

    /** Takes the lock under which events are delivered, once. Returns soon if events can be delivered. */
    public void awaitTurn() {
        subscribers.awaitTurn();
    }

    public int subscribers() {
        return subscribers.all().size();
    }

    /** Returns the streams that have ended last. */
    public EndedStreams ended() {
        return subscribers.ended();
    }

    /** Returns the position up to which all events were offered to the streams. */
    public long delivered() {
        return subscribers.delivered();
    }

    /** Returns the history, to look into it. Only the hub changes it. */
    public History history() {
        return history;
    }

    /** Returns the memory of all mailboxes. */
    public Mailbox.Memory mailboxes() {
        return mailboxes;
    }

    /** Returns a live view of the subscribers whose streams are open. Any thread may read it, without a lock of the hub. */
    public Collection<Subscriber> streams() {
        return subscribers.all();
    }

    /** Returns whether the transport passes events on now. Does not block. */
    public boolean isConnected() {
        return transport.outage().isEmpty();
    }

    /** Returns why no event can be taken now, or nothing. Does not block. */
    public Optional<String> outage() {
        return history.outage().or(transport::outage);
    }

    /**
     * Closes the hub and ends all streams. Each subscriber still receives its waiting events, also those of publishers that have not
     * got their answer. Blocks until all subscribers have left, or until the timeout; then aborts the remaining subscribers.
     */
    public void close(Drain drain) throws InterruptedException {
        publishing.refuse();
        publishing.awaitPublishers(drain.timeout().dividedBy(4));
        subscribers.drain(drain);
        close();
    }

    /** Closes the hub and aborts all streams. */
    @Override
    public void close() {
        publishing.close();
        subscribers.abort();
        caretaker.close();
        history.close();
    }

    Caretaker caretaker() {
        return caretaker;
    }
}
