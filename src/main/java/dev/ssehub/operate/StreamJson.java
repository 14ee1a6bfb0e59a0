package dev.ssehub.operate;

import module java.base;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.topic.TopicSelector;
import io.helidon.json.JsonNull;
import io.helidon.json.JsonNumber;
import io.helidon.json.JsonObject;
import io.helidon.json.JsonString;
import io.helidon.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** Describes the streams of a node as JSON. In a list, long texts are shortened, so that an answer is limited. */
final class StreamJson {
    private static final int MAX_TOPICS = 5;
    private static final int MAX_TEXT = 200;

    private StreamJson() {}

    static JsonObject.Builder inList(Listed stream, String node) {
        return describe(stream, node, MAX_TOPICS, StreamJson::shorten);
    }

    static JsonObject.Builder whole(Listed stream, String node) {
        return describe(stream, node, Integer.MAX_VALUE, text -> text);
    }

    private static JsonObject.Builder describe(Listed stream, String node, int maxTopics, UnaryOperator<String> shown) {
        StreamStatus status = stream.status();
        StreamStatus.Place place = status.place();
        List<String> topics = status.selectors().stream().map(TopicSelector::text).sorted().toList();
        boolean counts = !stream.waitsInHistory();
        JsonObject.Builder json = JsonObject.builder().set("id", stream.id()).set("node", node)
                .set("address", text(address(stream)))
                .set("subject", text(shown(stream.subject(), shown))).set("key", key(status.permission().key()))
                .setStrings("topics", topics.stream().limit(maxTopics).map(shown).toList()).set("topicCount", topics.size())
                .set("opened", status.opening().time().toString()).set("age", seconds(stream.ageMillis()))
                .set("expires", text(time(status.permission().expires())))
                .set("state", stream.state()).set("reason", text(stream.reason().orElse(null)))
                .set("lastId", shown.apply(place.lastId())).set("behind", seconds(stream.behindMillis()))
                .set("waitingEvents", counts ? JsonNumber.create(status.waitingEvents()) : JsonNull.instance())
                .set("waitingBytes", counts ? JsonNumber.create(status.waitingBytes()) : JsonNull.instance())
                .set("deliveredEvents", place.events()).set("deliveredBytes", place.bytes())
                .set("stalled", stream.stalledMillis() == Listed.NONE ? JsonNull.instance() : seconds(stream.stalledMillis()));
        return stream.open().isPresent() ? json : json.set("ended", stream.time().toString());
    }

    private static @Nullable String address(Listed stream) {
        InetAddress address = stream.address();
        return address == null ? null : address.getHostAddress();
    }

    private static JsonValue key(Permission.@Nullable Key key) {
        return key == null
                ? JsonNull.instance()
                : JsonObject.builder().set("id", text(key.id())).set("thumbprint", key.thumbprint()).build();
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static @Nullable String shown(@Nullable String text, UnaryOperator<String> shown) {
        return text == null ? null : shown.apply(text);
    }

    private static JsonValue text(@Nullable String text) {
        return text == null ? JsonNull.instance() : JsonString.create(text);
    }

    private static JsonValue seconds(long millis) {
        return JsonNumber.create(BigDecimal.valueOf(millis, 3).stripTrailingZeros());
    }

    private static String shorten(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        boolean cutsPair = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
        return text.substring(0, cutsPair ? MAX_TEXT - 1 : MAX_TEXT) + "…";
    }
}
