package dev.ssehub.mercure;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.topic.TopicSelector;

import io.helidon.common.uri.UriEncoding;
import io.helidon.json.JsonObject;

/**
 * Who listens to what on this node (Mercure, "Active Subscriptions"). Each beginning and each end is told by a private update,
 * whose topic is also where the subscription is found. Any thread may call.
 */
public final class ActiveSubscriptions {

    private final Hub hub;
    private final String path;
    private final Map<String, List<TopicSelector>> bySubscriber = new ConcurrentHashMap<>();

    /**
     * One selector of one subscriber.
     *
     * @param id where it is found, and the topic of its updates
     */
    record ActiveSubscription(String id, TopicSelector selector, String subscriber) {

        /** Describes it in a JSON-LD document. */
        JsonObject.Builder describe(JsonObject.Builder document, boolean active) {
            return document.set("id", id).set("type", "Subscription").set("topic", selector.text()).set("subscriber", subscriber)
                    .set("active", active);
        }
    }

    /** What one subscriber has; it ends when it is closed. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** @param path below which subscriptions are found */
    public ActiveSubscriptions(Hub hub, String path) {
        this.hub = hub;
        this.path = path;
    }

    /** Registers a subscriber, and tells. */
    Registration open(List<TopicSelector> selectors) {
        String subscriber = "urn:uuid:" + UUID.randomUUID();
        List<TopicSelector> distinct = selectors.stream().distinct().toList();
        bySubscriber.put(subscriber, distinct);
        tell(subscriber, distinct, true);
        return () -> {
            if (bySubscriber.remove(subscriber) != null) {
                tell(subscriber, distinct, false);
            }
        };
    }

    /** All that there are now. */
    Stream<ActiveSubscription> all() {
        return bySubscriber.entrySet().stream().flatMap(entry -> of(entry.getKey(), entry.getValue()));
    }

    private Stream<ActiveSubscription> of(String subscriber, List<TopicSelector> selectors) {
        return selectors.stream().map(selector -> new ActiveSubscription(
                path + "/" + segment(selector.text()) + "/" + segment(subscriber), selector, subscriber));
    }

    private void tell(String subscriber, List<TopicSelector> selectors, boolean active) {
        of(subscriber, selectors).forEach(subscription -> {
            String document = subscription.describe(document(), active).build().toString();
            try {
                hub.publish(new Update(List.of(subscription.id()), document, null, null, null, true));
            } catch (HubClosedException e) {
                // all subscriptions end, and there is nobody to tell
            }
        });
    }

    /** A JSON-LD document with nothing but its context. */
    static JsonObject.Builder document() {
        return JsonObject.builder().set("@context", "https://mercure.rocks/");
    }

    /** As RFC 6570 expands a variable: all but unreserved characters become percent codes. */
    static String segment(String text) {
        return UriEncoding.encode(text, UriEncoding.Type.UNRESERVED);
    }
}
