package dev.ssehub.history;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubEvents.Gap;
import dev.ssehub.event.Update;
import dev.ssehub.metrics.NoMetrics;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class HistoryTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime can overflow at any time

    /** The model is a list that drops the events beyond the limits. */
    @Property
    void holdsTheNewestEventsWithinAllLimits(@ForAll @Size(max = 60) List<@IntRange(max = 40) Integer> sizes,
            @ForAll @IntRange(max = 10) int maxEvents, @ForAll @IntRange(max = 1_000) int maxBytes,
            @ForAll @IntRange(min = 1, max = 20) int maxAge) {
        History history = new History(new History.Limits(maxEvents, Duration.ofNanos(maxAge), maxBytes),
                new NoMetrics(), now::get,
                "id-0");
        List<Event> appended = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        for (int size : sizes) {
            now.addAndGet(size % 4);
            Event event = event(appended.size() + 1, "t", "x".repeat(size));
            history.append(event);
            appended.add(event);
            times.add(now.get());

            int from = appended.size();
            long bytes = 0;
            while (from > 0 && appended.size() - from < maxEvents && bytes + appended.get(from - 1).size() <= maxBytes
                    && now.get() - times.get(from - 1) <= maxAge) {
                bytes += appended.get(--from).size();
            }
            History.Slice slice = history.after(0, "id-0");
            assertThat(slice.events()).isEqualTo(appended.subList(from, appended.size()));
            assertThat(slice.after()).isEqualTo(from);
            assertThat(slice.gap() == null).isEqualTo(from == 0);
            assertThat(history.extent().oldest()).isEqualTo(new History.Checkpoint(from, "id-" + from));
            assertThat(history.newest()).isEqualTo(new History.Checkpoint(appended.size(), "id-" + appended.size()));
            assertThat(history.find(event.id(), _ -> true)).isEqualTo(history.newest());
        }
    }

    @Example
    void readsALimitedNumberOfEventsFromAnyPosition() {
        History history = history(1_000);
        for (int i = 1; i <= 600; i++) {
            history.append(event(i, "t", "x"));
        }

        assertThat(history.after(597, "id-597")).extracting(History.Slice::gap, History.Slice::after).containsExactly(null, 597L);
        assertThat(history.after(597, "id-597").events()).extracting(Event::position).containsExactly(598L, 599L, 600L);
        assertThat(history.after(600, "id-600").events()).isEmpty();
        int read = 0;
        for (List<Event> events = history.after(0, null).events(); !events.isEmpty(); events = history.after(read, null)
                .events()) {
            assertThat(events).hasSizeLessThan(300);
            for (Event event : events) {
                assertThat(event.position()).isEqualTo(++read);
            }
        }
        assertThat(read).isEqualTo(600);
    }

    @Example
    void aGapNamesCheckpoints() {
        History history = history(2);
        for (int i = 1; i <= 5; i++) {
            history.append(new Event(i, "urn:" + i, "#id-" + i, new Update("t", "x")));
        }
        History.Slice slice = history.after(1, "urn:1");

        assertThat(slice.gap()).isEqualTo(new Gap("#id-3", "urn:1", "#id-4", "#id-5"));
        assertThat(slice.after()).isEqualTo(3);
        assertThat(slice.events()).extracting(Event::id).containsExactly("urn:4", "urn:5");
        assertThat(history.after(3, "urn:3").gap()).as("a client that has the last evicted event has missed nothing").isNull();
    }

    @Example
    void aPlaceIsFoundByEitherIdUntilALaterEventIsEvicted() {
        History history = history(1);
        assertThat(history.find("id-0", _ -> true)).isEqualTo(new History.Checkpoint(0, "id-0"));
        for (int i = 1; i <= 3; i++) {
            history.append(new Event(i, "urn:" + i, "#id-" + i, new Update("t", "x")));
        }
        for (String id : List.of("id-0", "urn:1", "#id-1", "urn:4", "id-3")) {
            assertThat(history.find(id, _ -> true)).as(id).isNull();
        }
        for (int i = 2; i <= 3; i++) {
            assertThat(history.find("urn:" + i, _ -> true)).isEqualTo(history.find("#id-" + i, _ -> true))
                    .isEqualTo(new History.Checkpoint(i, "#id-" + i));
        }
        assertThat(history.holds("t", "urn:2")).isFalse();
        assertThat(history.holds("t", "urn:3")).isTrue();
    }

    /** A client that has one of the events must not be taken for a client that has the other. */
    @Example
    void anAmbiguousIdIsNotFound() {
        History history = history(3);
        history.append(publishers(1, "urn:a", "t"));
        history.append(publishers(2, "urn:b", "t"));
        history.append(publishers(3, "urn:a", "u"));
        assertThat(find(history, "urn:a")).as("two events have it").isNull();
        assertThat(find(history, "urn:b").position()).isEqualTo(2);
        assertThat(List.of(history.holds("t", "urn:a"), history.holds("u", "urn:a"), history.holds("u", "urn:b")))
                .containsExactly(true, true, false);

        history.append(publishers(4, "urn:c", "t"));
        assertThat(find(history, "urn:a")).as("the other event is evicted").isNull();
        history.append(publishers(5, "urn:d", "t"));
        history.append(publishers(6, "urn:b", "t"));
        assertThat(find(history, "urn:b")).as("used again").isNull();
        assertThat(find(history, "#id-6").position()).isEqualTo(6);
        assertThat(find(history, "urn:a")).as("the last evicted event has it, but it was used twice").isNull();
        assertThat(find(history, "#id-3").position()).isEqualTo(3);
    }

    /** The model is a list of all events that were ever appended: an id is found only if no other event has it. */
    @Property
    void anIdIsFoundOnlyIfOneEventHasIt(@ForAll @Size(max = 40) List<@IntRange(max = 8) Integer> ids,
            @ForAll @IntRange(max = 12) int maxEvents) {
        History history = history(maxEvents);
        List<String> used = new ArrayList<>();
        for (int id : ids) {
            if (!history.holds("t" + id % 2, "urn:" + id / 2)) {
                used.add("urn:" + id / 2);
                history.append(publishers(used.size(), used.getLast(), "t" + id % 2));
            }
            int held = Math.max(0, used.size() - maxEvents);
            for (int i = 0; i < used.size(); i++) {
                boolean unique = used.indexOf(used.get(i)) == used.lastIndexOf(used.get(i));
                History.Checkpoint found = find(history, used.get(i));
                if (found != null) {
                    assertThat(used.get((int) found.position() - 1)).isEqualTo(used.get(i));
                    assertThat(unique).as("%s in %s", used.get(i), used).isTrue();
                } else {
                    assertThat(i >= held && unique).as("%s is found in %s", used.get(i), used).isFalse();
                }
            }
        }
    }

    @Example
    void aSubscriberWithoutPermissionDoesNotFindAnEventByThePublishersId() {
        History history = history(1);
        history.append(new Event(1, "urn:secret", "#id-1", new Update(List.of("t"), "x", null, null, null, true)));
        assertThat(history.find("urn:secret", _ -> false)).isNull();
        assertThat(history.find("urn:secret", _ -> true)).isEqualTo(history.newest());
        assertThat(history.find("#id-1", _ -> false)).isEqualTo(history.newest());
        history.append(event(2, "t", "x"));
        assertThat(history.find("urn:secret", _ -> false)).as("not even if it is the last evicted event").isNull();
        assertThat(find(history, "urn:secret").position()).isEqualTo(1);
        assertThat(find(history, "#id-1").position()).isEqualTo(1);
    }

    /** The topics of an event need memory, too. */
    @Example
    void topicsCountAsBytes() {
        Update update = new Update(List.of("x".repeat(1_000), "y".repeat(1_000)), "", null, null, null, false);
        assertThat(new Event(1, "id", "id", update).size()).isGreaterThan(2_000);
    }

    private History history(int maxEvents) {
        return new History(new History.Limits(maxEvents, Duration.ofHours(1), 1 << 20), new NoMetrics(), now::get,
                "id-0");
    }

    private static History.Checkpoint find(History history, String id) {
        return history.find(id, _ -> true);
    }

    private static Event publishers(long position, String id, String topic) {
        return new Event(position, id, "#id-" + position, new Update(topic, "x"));
    }

    private static Event event(long position, String topic, String data) {
        return new Event(position, "id-" + position, "id-" + position, new Update(topic, data));
    }
}
