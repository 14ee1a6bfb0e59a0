package dev.ssehub.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class HistoryTest {

    private static final List<TopicSelector> ALL = List.of(new TopicSelector.Any());

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // System.nanoTime may overflow at any moment

    /** A list that drops what is beyond the bounds, as plainly as can be, is the model. */
    @Property
    void holdsTheNewestWithinAllBounds(@ForAll @Size(max = 60) List<@IntRange(max = 40) Integer> sizes,
            @ForAll @IntRange(max = 10) int maxEvents, @ForAll @IntRange(max = 400) int maxBytes,
            @ForAll @IntRange(min = 1, max = 20) int maxAge) {
        History history = new History(new HubSettings.HistoryLimits(maxEvents, Duration.ofNanos(maxAge), maxBytes), now::get);
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
            while (from > 0 && appended.size() - from < maxEvents && bytes + appended.get(from - 1).frame().length <= maxBytes
                    && now.get() - times.get(from - 1) <= maxAge) {
                bytes += appended.get(--from).frame().length;
            }
            assertThat(history.after(0, ALL, Integer.MAX_VALUE).events()).isEqualTo(appended.subList(from, appended.size()));
            assertThat(history.oldestPosition()).isEqualTo(from + 1L);
            assertThat(history.newestPosition()).isEqualTo(appended.size());
            assertThat(history.positionOf(event.id())).isEqualTo(event.position());
        }
    }

    @Example
    void readsOnFromAnyPositionWhatIsWantedAndNoMoreThanAsked() {
        History history = new History(new HubSettings.HistoryLimits(100, Duration.ofHours(1), 1 << 20), now::get);
        for (int i = 1; i <= 10; i++) {
            history.append(event(i, i % 2 == 0 ? "even" : "odd", "x"));
        }
        int one = event(1, "odd", "x").frame().length;
        List<TopicSelector> even = List.of(new TopicSelector.Exact("even"));

        assertThat(history.after(3, even, Integer.MAX_VALUE).events()).extracting(Event::position).containsExactly(4L, 6L, 8L,
                10L);
        assertThat(history.after(3, even, Integer.MAX_VALUE).position()).isEqualTo(10);
        assertThat(history.after(3, even, 2 * one).events()).extracting(Event::position).containsExactly(4L, 6L);
        assertThat(history.after(3, even, 2 * one).position()).isEqualTo(7);
        assertThat(history.after(3, even, 1).events()).extracting(Event::position).containsExactly(4L);
        assertThat(history.after(10, even, 1).events()).isEmpty();
    }

    @Example
    void whoHasTheNewestThatWasLetGoHasMissedNothing() {
        History history = new History(new HubSettings.HistoryLimits(1, Duration.ofHours(1), 1 << 20), now::get);
        history.append(event(1, "t", "a"));
        history.append(event(2, "t", "b"));
        history.append(event(3, "t", "c"));

        assertThat(history.positionOf("id-1")).isNull();
        assertThat(history.positionOf("id-2")).isEqualTo(2);
        assertThat(history.positionOf("id-3")).isEqualTo(3);
        assertThat(history.positionOf("id-4")).isNull();
    }

    private static Event event(long position, String topic, String data) {
        return new Event(position, "id-" + position, new Update(topic, data));
    }
}
