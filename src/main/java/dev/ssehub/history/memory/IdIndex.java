package dev.ssehub.history.memory;

import module java.base;
import dev.ssehub.event.Event;
import org.jspecify.annotations.Nullable;

/** Finds the events of the history by their publishers' ids. Not thread-safe: the lock of the history guards it. */
final class IdIndex {
    // Publishers' ids are not unique: two publishers can choose the same id, and a publisher can use an id again after its event was
    // given up. A client that resumes from an ambiguous id must not miss events without a gap, so the index does not find events by
    // an ambiguous id. It remembers the ids of events that were given up for a while: to notice that an id is used again, and to find
    // the place of a client that has received nothing since.

    /** The number of publishers' ids that are remembered after their events were given up. */
    private final int remembered;
    private final Map<String, List<Event>> held = new HashMap<>();
    private final Set<String> topicsAndIds = new HashSet<>();
    /** The events that were given up, without their frames; empty if several events had the id. */
    private final SequencedMap<String, Optional<Event>> past = new LinkedHashMap<>();

    IdIndex(int remembered) {
        this.remembered = remembered;
    }

    void add(Event event) {
        if (event.hasOwnId()) {
            topicsAndIds.add(key(event.topics().getFirst(), event.id()));
            held.merge(event.id(), List.of(event), (present, _) -> Stream.concat(present.stream(), Stream.of(event)).toList());
        }
    }

    /** Removes an event that the history gives up. */
    void remove(Event event) {
        if (!event.hasOwnId()) {
            return;
        }
        topicsAndIds.remove(key(event.topics().getFirst(), event.id()));
        held.computeIfPresent(event.id(), (_, present) -> present.size() == 1
                ? null
                : present.stream().filter(other -> other != event).toList());
        past.putLast(event.id(), past.containsKey(event.id()) ? Optional.empty() : Optional.of(event.withoutFrame()));
        if (past.size() > remembered) {
            past.pollFirstEntry();
        }
    }

    boolean holds(String topic, String id) {
        return topicsAndIds.contains(key(topic, id));
    }

    /** Returns the event with this id, or {@code null} if the index does not know the id or the id is ambiguous. */
    @Nullable
    Event find(String id, Predicate<Event> mayKnow) {
        List<Event> present = held.get(id);
        Optional<Event> before = past.get(id);
        if (present != null && (before != null || present.size() > 1)) {
            return null;
        }
        Event event = present != null ? present.getFirst() : before != null ? before.orElse(null) : null;
        return event != null && mayKnow.test(event) ? event : null;
    }

    private static String key(String topic, String id) {
        return topic + '\n' + id; // neither part contains a newline
    }
}
