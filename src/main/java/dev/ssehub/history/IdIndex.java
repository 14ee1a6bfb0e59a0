package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** Finds the events of the history by their ids. Not thread-safe: the hub's lock guards it. */
final class IdIndex {

    // Checkpoints are unique, and no publisher can choose an id that looks like a checkpoint. Publishers' ids are not unique: two
    // publishers can choose the same id, and a publisher can use an id again after its event was evicted. A client that resumes
    // from an ambiguous id must not miss events without a gap, so the index does not find events by an ambiguous id.

    private final int remembered;
    private final Map<String, Event> byCheckpoint = new HashMap<>();
    private final Map<String, Event> byOwnId = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Set<String> topicsAndIds = new HashSet<>();
    private final Set<String> evicted = new LinkedHashSet<>();

    /** @param remembered the number of publishers' ids that are remembered after their events were evicted */
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
                shared.remove(event.id()); // this was the newest event with this id, so no event has the id any more
            }
            evicted.remove(event.id()); // adding it again makes it the most recent one
            evicted.add(event.id());
            if (evicted.size() > remembered) {
                evicted.remove(evicted.iterator().next());
            }
        }
    }

    boolean holds(String topic, String id) {
        return topicsAndIds.contains(key(topic, id));
    }

    /** Returns whether the history holds an event with this publisher's id. */
    boolean holdsAny(String id) {
        return byOwnId.containsKey(id);
    }

    /** Returns whether only one event has this publisher's id, as far as the index remembers. */
    boolean isUnique(String id) {
        return !shared.contains(id) && !evicted.contains(id);
    }

    /**
     * Returns the event with this id, or {@code null} if the history does not hold it or the id is ambiguous.
     *
     * @param mayKnow whether the subscriber may find an event by the publisher's id
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

    private static String key(String topic, String id) {
        return topic + '\n' + id; // neither part contains a newline
    }
}
