package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.uri.UriEncoding;
import io.helidon.json.JsonObject;

/**
 * The active subscriptions of this node (Mercure, "Active Subscriptions"). When a subscription starts or ends, the hub publishes a
 * private update. The topic of the update is the path of the subscription in the subscription API. Any thread may call.
 */
final class ActiveSubscriptions {
    private final Hub hub;
    private final Map<String, List<TopicSelector>> bySubscriber = new ConcurrentHashMap<>();

    /** One selector of one subscriber. The id is the path of the subscription, and the topic of its updates. */
    record ActiveSubscription(String id, TopicSelector selector, String subscriber) {
        /** Adds the fields of this subscription to a JSON-LD document. */
        JsonObject.Builder describe(JsonObject.Builder document, boolean active) {
            return document.set("id", id).set("type", "Subscription").set("topic", selector.text())
                    .set("subscriber", subscriber).set("active", active);
        }
    }

    ActiveSubscriptions(Hub hub) {
        this.hub = hub;
    }

    /** Adds a subscriber and publishes that its subscriptions are active. The returned task removes it again. */
    Runnable add(List<TopicSelector> selectors) {
        String subscriber = "urn:uuid:" + UUID.randomUUID();
        List<TopicSelector> distinct = selectors.stream().distinct().toList();
        bySubscriber.put(subscriber, distinct);
        publish(subscriber, distinct, true);
        return () -> {
            bySubscriber.remove(subscriber);
            publish(subscriber, distinct, false);
        };
    }

    Stream<ActiveSubscription> all() {
        return bySubscriber.entrySet().stream().flatMap(entry -> of(entry.getKey(), entry.getValue()));
    }

    private static Stream<ActiveSubscription> of(String subscriber, List<TopicSelector> selectors) {
        return selectors.stream().map(selector -> new ActiveSubscription(
                Mercure.SUBSCRIPTIONS + "/" + segment(selector.text()) + "/" + segment(subscriber), selector, subscriber));
    }

    private void publish(String subscriber, List<TopicSelector> selectors, boolean active) {
        of(subscriber, selectors).forEach(subscription -> {
            String document = subscription.describe(document(), active).build().toString();
            try {
                hub.publish(new Update(List.of(subscription.id()), document, null, null, null, true));
            } catch (HubClosedException e) {
                // every subscription ends with the hub, and nobody is left to receive the update
            }
        });
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
