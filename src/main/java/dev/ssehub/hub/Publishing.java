package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.thread.UnderWay;

/** The way of an update from its publisher through the transport and the history to the subscribers. Thread-safe. */
final class Publishing implements Transport.Listener {
    // The transport puts the updates in order, and the history takes them in this order. When an event is in the history, it is
    // offered to the subscribers, and its publisher gets its answer. So what a subscriber has seen or a publisher was told is in the
    // history.
    //
    // The transport calls the listener with its own lock held, so it is never called under the lock of the subscribers.

    private final Transport transport;
    private final History history;
    private final Subscribers subscribers;
    private final HubMetrics metrics;
    private final UnderWay publishers = new UnderWay();

    Publishing(Transport transport, History history, Subscribers subscribers, HubMetrics metrics) {
        this.transport = transport;
        this.history = history;
        this.subscribers = subscribers;
        this.metrics = metrics;
    }

    /** Starts the history and the transport. Called once, before the first update. */
    void start() {
        transport.start(this, history.newest());
    }

    @Override
    public void begin(long position) {
        history.start(position);
        subscribers.start(history.newest());
    }

    @Override
    public long newest() {
        return history.newest();
    }

    /** Publishes updates of the hub or of a feed, see {@link Hub#publish}. */
    List<String> publish(List<Update> updates, PublishedBy publisher, boolean local) {
        return publish(updates, MatchWork::unlimited, publisher, _ -> {}, local);
    }

    /** Publishes updates of a client, see {@link Hub#publishForClient}. */
    List<String> publishForClient(List<Update> updates, IntConsumer matched) {
        return publish(updates, MatchWork::limited, PublishedBy.CLIENT, matched, false);
    }

    private List<String> publish(List<Update> updates, Supplier<MatchWork> work, PublishedBy publisher, IntConsumer matched,
            boolean local) {
        publishers.begin();
        try {
            List<Transport.Publication> publications = new ArrayList<>(updates.size());
            for (Update update : updates) {
                SubscriberRegistry.Matching matching = subscribers.match(update.topics(), work.get());
                publications.add(new Transport.Publication(update, matching, publisher, matched, local));
            }
            return transport.publish(publications);
        } finally {
            publishers.end();
        }
    }

    /** Forgets the past of a topic on all nodes, see {@link Hub#forget}. */
    void forgetEverywhere(String topic) {
        publishers.begin();
        try {
            transport.forget(topic);
        } finally {
            publishers.end();
        }
    }

    @Override
    public List<Addition> accept(List<Transport.Placed> updates, boolean live) {
        List<Addition> additions = new ArrayList<>(updates.size());
        for (Transport.Placed update : updates) {
            additions.add(live ? new Delivery(update) : new Earlier(update));
        }
        history.append(additions);
        return additions;
    }

    @Override
    public void lose(long upTo, boolean live) {
        history.lose(upTo);
        if (live) {
            metrics.missed();
        }
        subscribers.catchUp(upTo);
    }

    @Override
    public Runnable forget(String topic) {
        return history.forget(topic);
    }

    /** An update on its way into the history. */
    private class Earlier extends Addition {
        private final long ageMillis;
        private final boolean isLocal;

        Earlier(Transport.Placed update) {
            super(update.position(), update.publication().update());
            this.ageMillis = update.ageMillis();
            this.isLocal = update.publication().local();
        }

        @Override
        public final long ageMillis() {
            return ageMillis;
        }

        @Override
        public final boolean mayBeRepetition() {
            return isLocal || !transport.findsRepetitions();
        }

        @Override
        protected void added(Event event) {
            subscribers.skip(event.position());
        }
    }

    /** An update on its way through the history to the subscribers. */
    private final class Delivery extends Earlier {
        private final Transport.Publication publication;
        private final SubscriberRegistry.Matching matching;

        Delivery(Transport.Placed update) {
            super(update);
            this.publication = update.publication();
            this.matching = Objects.requireNonNullElseGet(publication.matching(),
                    () -> subscribers.match(publication.update().topics(), MatchWork.unlimited()));
        }

        @Override
        protected void added(Event event) {
            metrics.published(publication.publisher());
            publication.matched().accept(subscribers.offer(event, matching));
        }
    }

    /** Refuses further updates. Those that the transport has taken are still delivered. */
    void refuse() {
        transport.refuse();
    }

    /** Stops the transport. */
    void close() {
        transport.close();
    }

    /** Waits until no publisher waits for its answer, but not longer than this. Called after {@link #refuse}. */
    void awaitPublishers(Duration timeout) throws InterruptedException {
        publishers.awaitNone(timeout);
    }
}
