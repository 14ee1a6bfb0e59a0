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
final class Publishing {
    // The transport puts the updates in order, and the history takes them in this order. When an event is in the history, it is
    // offered to the subscribers, and its publisher gets its answer. So what a subscriber has seen or a publisher was told is in the
    // history.
    //
    // The transport calls accept() with its own lock held, so it is never called under the lock of the subscribers.

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

    /** Starts the transport and the history. Called once, before the first update. */
    void start() {
        history.start(transport.start(this::accept, history.newest()));
    }

    /** Publishes an update, see {@link Hub#publish} and {@link Hub#publishForClient}. */
    String publish(Update update, MatchWork work, PublishedBy publisher, IntConsumer matched) {
        publishers.begin();
        try {
            return transport
                    .publish(new Transport.Publication(update, subscribers.match(update.topics(), work), publisher, matched));
        } finally {
            publishers.end();
        }
    }

    private Addition accept(long position, Transport.Publication publication) {
        SubscriberRegistry.Matching matching = Objects.requireNonNullElseGet(publication.matching(),
                () -> subscribers.match(publication.update().topics(), MatchWork.unlimited()));
        Addition delivery = new Delivery(position, publication, matching);
        history.append(delivery);
        return delivery;
    }

    /** An update on its way through the history to the subscribers. */
    private final class Delivery extends Addition {
        private final PublishedBy publisher;
        private final SubscriberRegistry.Matching matching;
        private final IntConsumer matched;

        Delivery(long position, Transport.Publication publication, SubscriberRegistry.Matching matching) {
            super(position, publication.update());
            this.publisher = publication.publisher();
            this.matching = matching;
            this.matched = publication.matched();
        }

        @Override
        protected void added(Event event) {
            metrics.published(publisher);
            matched.accept(subscribers.offer(event, matching));
        }
    }

    /** Refuses further updates. Those that the history has not taken yet are still delivered. */
    void close() {
        transport.close();
    }

    /** Waits until no publisher waits for its answer, but not longer than this. Called after {@link #close}. */
    void awaitPublishers(Duration timeout) throws InterruptedException {
        publishers.awaitNone(timeout);
    }
}
