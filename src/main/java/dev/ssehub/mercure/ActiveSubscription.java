package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.access.Mercure;
import dev.ssehub.cluster.Presence;
import dev.ssehub.event.Update;
import io.helidon.common.uri.UriEncoding;
import io.helidon.json.JsonException;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonParser;
import io.helidon.json.JsonValue;

/**
 * One selector of one subscriber.
 *
 * @param topic the text of the selector
 * @param payload the payload of the subscriber's token
 */
record ActiveSubscription(String topic, String subscriber, Optional<JsonValue> payload, boolean active) {
    private static final String PAYLOAD = "payload";

    /** Returns an active subscription of another node, or nothing if the entry is of another form. */
    static Optional<ActiveSubscription> of(Presence.Entry entry) {
        String[] segments = entry.id().split("/", -1);
        if (segments.length != 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ActiveSubscription(text(segments[0]), text(segments[1]),
                    JsonParser.create(entry.text()).readJsonObject().value(PAYLOAD), true));
        } catch (IllegalArgumentException | JsonException _) {
            return Optional.empty();
        }
    }

    /**
     * Returns what the other nodes need to know of a subscription, apart from its id, as JSON.
     *
     * @param payload the payload of the subscriber's token, as JSON
     */
    static String entry(Optional<String> payload) {
        return payload.map(json -> "{\"" + PAYLOAD + "\":" + json + "}").orElse("{}");
    }

    /** Returns the path of the subscription, which is also the topic of its updates. */
    String id() {
        return Mercure.SUBSCRIPTIONS + "/" + entryId();
    }

    /** Returns the end of the path, by which the nodes know the subscription. */
    String entryId() {
        return segment(topic) + "/" + segment(subscriber);
    }

    ActiveSubscription ended() {
        return new ActiveSubscription(topic, subscriber, payload, false);
    }

    /** Returns the private update about this state of the subscription. */
    Update update() {
        return new Update(List.of(id()), describe(document()).build().toString(), null, null, null, true);
    }

    /** Adds the fields of this subscription to a JSON-LD document. */
    JsonObject.Builder describe(JsonObject.Builder document) {
        document.set("id", id()).set("type", "Subscription").set("topic", topic).set("subscriber", subscriber).set("active",
                active);
        payload.ifPresent(json -> document.set(PAYLOAD, json));
        return document;
    }

    /** Returns a JSON-LD document that has only its context. */
    static JsonObject.Builder document() {
        return JsonObject.builder().set("@context", "https://mercure.rocks/");
    }

    /** Encodes a path segment as RFC 6570 does: all characters except the unreserved ones are percent-encoded. */
    static String segment(String text) {
        return UriEncoding.encode(text, UriEncoding.Type.UNRESERVED);
    }

    /** Decodes a path segment. */
    static String text(String segment) {
        return URI.create("/" + segment).getPath().substring(1);
    }
}
