package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Mercure;
import static java.util.stream.Collectors.joining;

import dev.ssehub.cluster.ClusterUnavailableException;
import dev.ssehub.cluster.Presence;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Outbox;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.topic.TopicSelector;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonValue;
import java.lang.System.Logger.Level;

/**
 * The active subscriptions (Mercure, "Active Subscriptions"): those of this node, and a view of those of other nodes. When a
 * subscription starts, ends, or gets the payload of a fresh token, the hub publishes a private update. The topic of the update is
 * the path of the subscription in the subscription API. While the history cannot take them, the updates wait, and streams open and
 * close as ever; then a subscription is published in its latest state. Any thread may call.
 */
final class ActiveSubscriptions implements Presence.Listener {
    // A state is published only when the other nodes see it. So a client that has the list of any node, and continues from the id of
    // the list, misses no change: what was published up to this id is in the list.
    //
    // When this node stops, it cannot publish any more. So the other nodes see the states that were published last, until this node
    // has left. Then one of them publishes that these subscriptions have ended.

    private static final System.Logger LOG = System.getLogger(ActiveSubscriptions.class.getName());

    private final Hub hub;
    private final Presence presence;
    private final Outbox outbox;
    private final Map<String, Listing> bySubscriber = new ConcurrentHashMap<>();
    private final LogThrottle unreadable = new LogThrottle();
    private volatile boolean refused;

    /**
     * @param payload the payload of the subscriber's token, as JSON
     * @param version the number of this state
     */
    private record State(Optional<String> payload, boolean active, int version) {
        State next(Optional<String> nextPayload, boolean nextActive) {
            return new State(nextPayload, nextActive, version + 1);
        }
    }

    /** The subscriptions of one subscriber. */
    final class Listing implements Outbox.Sender, Presence.Shown {
        private final String subscriber = "urn:uuid:" + UUID.randomUUID();
        private final List<TopicSelector> selectors;
        /** The newest state. */
        private volatile State state;
        /** The newest state that the other nodes see. */
        private volatile State seen;
        /** The newest state that was published for all selectors. */
        private volatile State told;
        /** How many changes are not published yet. The thread that makes the first one publishes them all. */
        private final AtomicInteger changes = new AtomicInteger();
        /** The version that was published last, by selector; 0 if there was none. For the thread that publishes. */
        private final int[] published;
        private volatile boolean known;

        private Listing(List<TopicSelector> selectors, Optional<String> payload) {
            this.selectors = selectors;
            this.published = new int[selectors.size()];
            this.told = new State(payload, false, 0);
            this.seen = told;
            this.state = new State(payload, true, 1);
        }

        /** Replaces the payload and publishes the subscriptions, unless the payload is the same. */
        void renew(Optional<String> payload) {
            change(now -> payload.equals(now.payload()) ? now : now.next(payload, now.active()));
        }

        /** Removes the subscriber and publishes that its subscriptions have ended. */
        void end() {
            bySubscriber.remove(subscriber);
            change(now -> now.next(now.payload(), false));
        }

        /** Publishes the subscriptions once more. */
        private void repeat() {
            change(now -> now.active() ? now.next(now.payload(), true) : now);
        }

        private void change(UnaryOperator<State> change) {
            synchronized (this) {
                State before = state;
                state = change.apply(before);
                if (state.version() == before.version()) {
                    return;
                }
            }
            presence.show(this);
        }

        @Override
        public Stream<String> ids() {
            return subscriptions(state).map(ActiveSubscription::entryId);
        }

        @Override
        public Presence.State now() {
            boolean closed = refused || hub.isClosed();
            State now = closed ? told : state;
            return new Presence.State(now.active() ? Optional.of(ActiveSubscription.entry(now.payload())) : Optional.empty(),
                    closed ? () -> {} : () -> publish(now));
        }

        private void publish(State now) {
            synchronized (this) {
                if (now.version() > seen.version()) {
                    seen = now;
                }
            }
            outbox.send(this);
        }

        /**
         * Publishes the state that the other nodes see. If another thread is publishing, that thread publishes the new state, so the
         * updates are in order and the last one has the last state.
         */
        @Override
        public void send() {
            for (int left = changes.getAndIncrement() == 0 ? 1 : 0; left > 0; left = changes.addAndGet(-left)) {
                try {
                    send(seen);
                } catch (HubClosedException e) {
                    refused = true;
                    presence.show(this);
                    throw e;
                } catch (Throwable e) {
                    changes.set(0); // the next call publishes them
                    throw e;
                }
            }
        }

        private void send(State now) {
            Iterator<ActiveSubscription> subscriptions = subscriptions(now).iterator();
            for (int i = 0; i < published.length; i++) {
                ActiveSubscription subscription = subscriptions.next();
                if (published[i] == 0 ? now.active() : published[i] != now.version()) {
                    hub.publish(subscription.update());
                    published[i] = now.version();
                    known = true;
                }
            }
            told = now;
        }

        /** Returns false if the subscriptions have ended before anything was published about them. */
        @Override
        public boolean isNeeded() {
            return known || state.active();
        }

        private Stream<ActiveSubscription> subscriptions(State now) {
            Optional<JsonValue> payload = now.payload().map(json -> JsonParser.create(json).readJsonValue());
            return selectors.stream()
                    .map(selector -> new ActiveSubscription(selector.text(), subscriber, payload, now.active()));
        }
    }

    ActiveSubscriptions(Hub hub, Presence presence) {
        this.hub = hub;
        this.presence = presence;
        this.outbox = new Outbox(hub);
        presence.start(this);
    }

    /**
     * Adds a subscriber and publishes that its subscriptions are active.
     *
     * @param payload the payload of the subscriber's token, as JSON
     */
    Listing add(List<TopicSelector> selectors, Optional<String> payload) {
        Listing listing = new Listing(selectors.stream().distinct().toList(), payload);
        bySubscriber.put(listing.subscriber, listing);
        presence.show(listing);
        return listing;
    }

    /** Returns the subscriptions of this node. */
    Stream<ActiveSubscription> ofThisNode() {
        return bySubscriber.values().stream().flatMap(listing -> listing.subscriptions(listing.state));
    }

    /**
     * Returns the subscriptions of the other nodes. May block, also while the stream is read.
     *
     * @param segments the path below that of the list: nothing, a topic, or a topic and a subscriber
     * @throws ClusterUnavailableException at once or from the stream, if some of them may be missing
     */
    Stream<ActiveSubscription> ofOtherNodes(List<String> segments) {
        String path = segments.stream().map(segment -> ActiveSubscription.segment(segment) + "/").collect(joining());
        return presence.others(segments.size() == 2 ? path.substring(0, path.length() - 1) : path)
                .flatMap(entry -> read(entry).stream());
    }

    private Optional<ActiveSubscription> read(Presence.Entry entry) {
        Optional<ActiveSubscription> subscription = ActiveSubscription.of(entry);
        if (subscription.isEmpty() && unreadable.isDue()) {
            LOG.log(Level.WARNING,
                    "the entry " + Refusal.printable(entry.id()) + " of another node is no active subscription that "
                            + "this version of the hub can read; it is left out");
        }
        return subscription;
    }

    @Override
    public void lost(boolean ended) {
        bySubscriber.values().forEach(ended ? Listing::repeat : presence::show);
    }

    @Override
    public boolean ended(Presence.Entry entry) {
        try {
            read(entry).ifPresent(subscription -> hub.publish(subscription.ended().update()));
            return true;
        } catch (HistoryUnavailableException | HubClosedException e) {
            return false; // another node will, or this one later
        }
    }
}
