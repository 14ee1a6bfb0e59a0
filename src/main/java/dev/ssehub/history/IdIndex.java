package dev.ssehub.history;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** Finds the events of the history by their ids. Not thread-safe: the hub's lock guards it. */
final class IdIndex {
    // Checkpoints are unique, and no publisher can choose an id that looks like a checkpoint. Publishers' ids are not unique: two
    // publishers can choose the same id, and a publisher can use an id again after its event was evicted. A client that resumes
    // from an ambiguous id must not miss events without a gap, so the index does not find events by an ambiguous id.

    /** The number of publishers' ids that are remembered after their events were evicted. */
    private final int remembered;
    private final Map<String, Event> byCheckpoint = new HashMap<>();
    private final Map<String, Event> byOwnId = new HashMap<>();
    private final Set<String> shared = new HashSet<>();
    private final Set<String> topicsAndIds = new HashSet<>();
    private final SequencedSet<String> evicted = new LinkedHashSet<>();

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
            evicted.addLast(event.id()); // moves the id if it is there already
            if (evicted.size() > remembered) {
                evicted.removeFirst();
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

    /** Returns the event with this id, or {@code null} if the history does not hold it or the id is ambiguous. */
    @Nullable
    Event find(String id, Predicate<Event> mayKnow) {
        Event ofHub = byCheckpoint.get(id);
        Event ofPublisher = ofHub == null && isUnique(id) ? byOwnId.get(id) : null;
        return ofPublisher != null && mayKnow.test(ofPublisher) ? ofPublisher : ofHub;
    }

    private static boolean hasOwnId(Event event) {
        return !event.id().equals(event.checkpoint());
    }

    private static String key(String topic, String id) {
        return topic + '\n' + id; // neither part contains a newline
    }
}
