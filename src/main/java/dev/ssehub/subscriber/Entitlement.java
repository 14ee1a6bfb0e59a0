package dev.ssehub.subscriber;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;
import dev.ssehub.topic.SelectorSet;

/** The permission that a subscriber has at this moment. Any thread may call; who reads it has the old one or the new one. */
final class Entitlement {

    private volatile State state;

    private record State(SelectorSet seePrivate, @Nullable Instant expires) {}

    Entitlement(Permission permission) {
        this.state = state(permission);
    }

    /** From now on, this one counts. */
    void renew(Permission permission) {
        state = state(permission);
    }

    /** Whether it may have this event. */
    boolean covers(Event event) {
        return !event.isPrivate() || state.seePrivate().matchesAny(event.topics());
    }

    /** Which of the topics of something private it may know. */
    List<String> known(List<String> topics) {
        SelectorSet seePrivate = state.seePrivate();
        return topics.stream().filter(topic -> seePrivate.matchesAny(List.of(topic))).toList();
    }

    boolean hasExpired(Instant now) {
        Instant expires = state.expires();
        return expires != null && !now.isBefore(expires);
    }

    private static State state(Permission permission) {
        return new State(SelectorSet.of(permission.seePrivate()), permission.expires());
    }
}
