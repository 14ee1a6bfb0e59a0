package dev.ssehub.history;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.Event;

/** Finds the events that are held by their ids. Not thread-safe: the history's guard is its own. */
final class IdIndex {

    // The hub's ids are unique, and no publisher's id looks like one. Publishers' ids are not unique: two of them may choose the
    // same, and one may use its own again when its event is gone. Whoever comes back with an id that could be another event's
    // as well must not be taken for one who has that other one and missed nothing; so such an id stands for none.

    private final int remembered;
    private final Map<String, Event> byCheckpoint = new HashMap<>();
    private final Map<String, Event> byPublishersId = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Set<String> topicsAndIds = new HashSet<>();
    private final Set<String> gone = new LinkedHashSet<>();

    /** @param remembered how many publishers' ids of events that are gone are still known to have been used */
    IdIndex(int remembered) {
        this.remembered = remembered;
    }

    void add(Event event) {
        byCheckpoint.put(event.checkpoint(), event);
        if (hasPublishersId(event)) {
            topicsAndIds.add(key(event.topics().getFirst(), event.id()));
            if (byPublishersId.put(event.id(), event) != null) {
                shared.add(event.id());
            }
        }
    }

    /** Called in the order in which they were added. */
    void remove(Event event) {
        byCheckpoint.remove(event.checkpoint());
        if (hasPublishersId(event)) {
            topicsAndIds.remove(key(event.topics().getFirst(), event.id()));
            if (byPublishersId.remove(event.id(), event)) {
                shared.remove(event.id()); // it was the last of those that share it
            }
            gone.remove(event.id()); // the set's order is that of the last time
            gone.add(event.id());
            if (gone.size() > remembered) {
                gone.remove(gone.iterator().next());
            }
        }
    }

    /** Whether a publisher's event with this canonical topic and this id is held. */
    boolean holds(String topic, String id) {
        return topicsAndIds.contains(key(topic, id));
    }

    /** Whether a publisher's event with this id is held. */
    boolean holdsAny(String id) {
        return byPublishersId.containsKey(id);
    }

    /** Whether an id is that of one event only, as far as that is remembered. */
    boolean standsForOne(String id) {
        return !shared.contains(id) && !gone.contains(id);
    }

    /**
     * The event with this id; {@code null} if none is held or there is more than one that it could be.
     *
     * @param mayKnow whether who asks may know of an event by its publisher's id
     */
    @Nullable
    Event find(String id, Predicate<Event> mayKnow) {
        Event event = byCheckpoint.get(id);
        if (event == null && standsForOne(id)) {
            event = byPublishersId.get(id);
            return event != null && mayKnow.test(event) ? event : null;
        }
        return event;
    }

    private static boolean hasPublishersId(Event event) {
        return !event.id().equals(event.checkpoint());
    }

    /** Neither has control characters. */
    private static String key(String topic, String id) {
        return topic + '\n' + id;
    }
}
