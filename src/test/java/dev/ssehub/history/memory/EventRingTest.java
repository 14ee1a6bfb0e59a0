package dev.ssehub.history.memory;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class EventRingTest {
    /** The model is a sorted map of the JDK. */
    @Property(tries = 200)
    void holdsWhatAMapHolds(@ForAll Random random, @ForAll @IntRange(min = 1, max = 9) int removals) {
        EventRing ring = new EventRing();
        NavigableMap<Long, Event> model = new TreeMap<>();
        for (int step = 1; step <= 500; step++) {
            if (random.nextInt(10) >= removals) {
                Event event = Event.of(new Update("t", ""), 10L * step, 0, List.of("t"));
                ring.add(event);
                model.put(event.position(), event);
            } else if (!model.isEmpty()) {
                assertThat(ring.oldest()).isSameAs(model.firstEntry().getValue());
                List<Long> positions = List.copyOf(model.keySet());
                long position = positions.get(random.nextBoolean() ? 0 : random.nextInt(positions.size()));
                ring.remove(position);
                model.remove(position);
            }
            assertThat(ring.size()).isEqualTo(model.size());
            long after = random.nextLong(10L * step + 20);
            assertThat(IntStream.range(ring.indexAfter(after), ring.slots()).mapToObj(ring::get).filter(Objects::nonNull))
                    .containsExactlyElementsOf(model.tailMap(after, false).values());
            assertThat(ring.slots()).as("empty slots are given back").isLessThanOrEqualTo(Math.max(4, 8 * model.size()));
        }
    }
}
