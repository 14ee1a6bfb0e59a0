package dev.ssehub.subscriber;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.topic.SelectorSet;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;

/**
 * What the hub enforces for one subscriber: which private events it receives, and when its stream ends.
 *
 * @param seePrivate selects the topics whose private events the subscriber receives
 * @param expires the time at which the stream ends; {@code null} if the permission does not expire
 * @param key the key of the token that gives the permission; {@code null} if there is no token
 */
public record Permission(SelectorSet seePrivate, @Nullable Instant expires, @Nullable Key key) {
    /**
     * The key that has verified a token.
     *
     * @param id its name in a set of keys ({@code kid}), if it has one
     * @param thumbprint its thumbprint, which tells it from all other keys
     */
    public record Key(@Nullable String id, String thumbprint) {}

    public Permission(List<TopicSelector> seePrivate, @Nullable Instant expires, @Nullable Key key) {
        this(SelectorSet.of(seePrivate), expires, key);
    }

    /** Creates a permission without a token. */
    public Permission(List<TopicSelector> seePrivate, @Nullable Instant expires) {
        this(seePrivate, expires, null);
    }

    /** Returns whether the subscriber may receive this event. */
    public boolean covers(Event event) {
        return !event.isPrivate() || seePrivate.matchesAny(event.topics());
    }

    /** Returns the topics of a private event that the subscriber may know. */
    List<String> visible(List<String> topics) {
        return topics.stream().filter(topic -> seePrivate.matchesAny(List.of(topic))).toList();
    }

    /** Returns a permission that expires now, and allows nothing more. */
    Permission expiring(Instant now) {
        return new Permission(List.of(), hasExpired(now) ? expires : now, key);
    }

    /** Returns whether it comes from a token that was checked with one of these keys, given their thumbprints. */
    boolean comesFrom(Predicate<String> keys) {
        return key != null && keys.test(key.thumbprint());
    }

    boolean hasExpired(Instant now) {
        return expires != null && !now.isBefore(expires);
    }
}
