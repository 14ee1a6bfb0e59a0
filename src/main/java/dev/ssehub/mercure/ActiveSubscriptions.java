package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.uri.UriEncoding;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The active subscriptions of this node (Mercure, "Active Subscriptions"). When a subscription starts, ends, or gets the payload of
 * a fresh token, the hub publishes a private update. The topic of the update is the path of the subscription in the subscription
 * API. While the history cannot take them, the updates wait, and streams open and close as ever; then a subscription is published
 * in its latest state. Any thread may call.
 */
final class ActiveSubscriptions {
    private final Hub hub;
    private final Outbox outbox;
    private final Map<String, Listing> bySubscriber = new ConcurrentHashMap<>();

    /** One selector of one subscriber. The id is the path of the subscription, and the topic of its updates. */
    record ActiveSubscription(String id, TopicSelector selector, String subscriber, Optional<JsonValue> payload, boolean active) {
        /** Adds the fields of this subscription to a JSON-LD document. */
        JsonObject.Builder describe(JsonObject.Builder document) {
            document.set("id", id).set("type", "Subscription").set("topic", selector.text()).set("subscriber", subscriber)
                    .set("active", active);
            payload.ifPresent(json -> document.set("payload", json));
            return document;
        }
    }

    /** @param payload the payload of the subscriber's token, as JSON */
    private record State(Optional<String> payload, boolean active) {}

    /** The subscriptions of one subscriber. */
    final class Listing implements Outbox.Sender {
        private final String subscriber = "urn:uuid:" + UUID.randomUUID();
        private final List<TopicSelector> selectors;
        private volatile State state;
        /** How many changes are not published yet. The thread that makes the first one publishes them all. */
        private final AtomicInteger changes = new AtomicInteger();
        /** The state that was published last, by selector; {@code null} if there was none. For the thread that publishes. */
        private final @Nullable State[] published;
        private volatile boolean known;

        private Listing(List<TopicSelector> selectors, Optional<String> payload) {
            this.selectors = selectors;
            this.published = new State[selectors.size()];
            this.state = new State(payload, true);
        }

        /** Replaces the payload and publishes the subscriptions, unless the payload is the same. */
        void renew(Optional<String> payload) {
            change(now -> new State(payload, now.active()));
        }

        /** Removes the subscriber and publishes that its subscriptions have ended. */
        void end() {
            bySubscriber.remove(subscriber);
            change(now -> new State(now.payload(), false));
        }

        private void change(UnaryOperator<State> change) {
            replace(change);
            outbox.send(this);
        }

        /**
         * Publishes the state. If another thread is publishing, that thread publishes the new state, so the updates are in order and
         * the last one has the last state.
         */
        @Override
        public void send() {
            for (int left = changes.getAndIncrement() == 0 ? 1 : 0; left > 0; left = changes.addAndGet(-left)) {
                try {
                    publish(state);
                } catch (Throwable e) {
                    changes.set(0); // the next call publishes them
                    throw e;
                }
            }
        }

        private void publish(State now) {
            Iterator<ActiveSubscription> subscriptions = subscriptions(now).iterator();
            for (int i = 0; i < published.length; i++) {
                ActiveSubscription subscription = subscriptions.next();
                State last = published[i];
                if (last == null ? now.active() : !last.equals(now)) {
                    String document = subscription.describe(document()).build().toString();
                    hub.publish(new Update(List.of(subscription.id()), document, null, null, null, true));
                    published[i] = now;
                    known = true;
                }
            }
        }

        /** Returns false if the subscriptions have ended before anything was published about them. */
        @Override
        public boolean isNeeded() {
            return known || state.active();
        }

        private synchronized void replace(UnaryOperator<State> change) {
            state = change.apply(state);
        }

        private Stream<ActiveSubscription> subscriptions(State now) {
            Optional<JsonValue> payload = now.payload().map(json -> JsonParser.create(json).readJsonValue());
            return selectors.stream().map(selector -> new ActiveSubscription(
                    Mercure.SUBSCRIPTIONS + "/" + segment(selector.text()) + "/" + segment(subscriber), selector, subscriber,
                    payload,
                    now.active()));
        }
    }

    ActiveSubscriptions(Hub hub) {
        this.hub = hub;
        this.outbox = new Outbox(hub);
    }

    /**
     * Adds a subscriber and publishes that its subscriptions are active.
     *
     * @param payload the payload of the subscriber's token, as JSON
     */
    Listing add(List<TopicSelector> selectors, Optional<String> payload) {
        Listing listing = new Listing(selectors.stream().distinct().toList(), payload);
        bySubscriber.put(listing.subscriber, listing);
        outbox.send(listing);
        return listing;
    }

    Stream<ActiveSubscription> all() {
        return bySubscriber.values().stream().flatMap(listing -> listing.subscriptions(listing.state));
    }

    /** Returns a JSON-LD document that has only its context. */
    static JsonObject.Builder document() {
        return JsonObject.builder().set("@context", "https://mercure.rocks/");
    }

    /** Encodes a path segment as RFC 6570 does: all characters except the unreserved ones are percent-encoded. */
    static String segment(String text) {
        return UriEncoding.encode(text, UriEncoding.Type.UNRESERVED);
    }
}
