package dev.ssehub.history;

import dev.ssehub.event.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds the events of the history by their ids. Not thread-safe: the lock that guards the history guards it. */
final class IdIndex {

    // The hub's ids (checkpoints) are unique, and no publisher can choose an id that looks like one. Publishers' ids are not
    // unique: two publishers can choose the same id, and a publisher can use an id again after its event has left the history.
    // A client that resumes from an ambiguous id must not silently miss events, so an ambiguous id finds no event.

    private final int remembered;
    private final Map<String, Event> byCheckpoint = new HashMap<>();
    private final Map<String, Event> byOwnId = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Set<String> topicsAndIds = new HashSet<>();
    private final Set<String> gone = new LinkedHashSet<>();

    /** @param remembered the number of publishers' ids that are remembered after their events have left */
    IdIndex(int remembered) {
        this.remembered = remembered;
    }

    void add(Event event) {
        byCheckpoint.put(event.checkpoint(), event);
        if (hasOwnId(event)) {
            topicsAndIds.add(key(event.topics().getFirst(), event.id()));
            if (byOwnId.put(event.id(), event) != null) {
                shared.add(event.id());
            }
        }
    }

    /** Removes the oldest event. */
    void remove(Event event) {
        byCheckpoint.remove(event.checkpoint());
        if (hasOwnId(event)) {
            topicsAndIds.remove(key(event.topics().getFirst(), event.id()));
            if (byOwnId.remove(event.id(), event)) {
                shared.remove(event.id()); // the newest event with this id leaves, so none shares it now
            }
            gone.remove(event.id()); // the set is in order of last use
            gone.add(event.id());
            if (gone.size() > remembered) {
                gone.remove(gone.iterator().next());
            }
        }
    }

    /** Returns whether the history holds an event with this canonical topic and this id of its publisher. */
    boolean holds(String topic, String id) {
        return topicsAndIds.contains(key(topic, id));
    }

    /** Returns whether the history holds an event with this id of its publisher. */
    boolean holdsAny(String id) {
        return byOwnId.containsKey(id);
    }

    /** Returns whether an id was used for only one event, as far as the index remembers. */
    boolean isUnique(String id) {
        return !shared.contains(id) && !gone.contains(id);
    }

    /**
     * Returns the event with this id, or {@code null} if the history does not hold it or the id is ambiguous.
     *
     * @param mayKnow whether the subscriber may learn of an event by its publisher's id
     */
    @Nullable
    Event find(String id, Predicate<Event> mayKnow) {
        Event event = byCheckpoint.get(id);
        if (event == null && isUnique(id)) {
            event = byOwnId.get(id);
            return event != null && mayKnow.test(event) ? event : null;
        }
        return event;
    }

    private static boolean hasOwnId(Event event) {
        return !event.id().equals(event.checkpoint());
    }

    /** Neither part contains a newline. */
    private static String key(String topic, String id) {
        return topic + '\n' + id;
    }
}
