package dev.ssehub.history;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class EventRingTest {
    private record Held(Event event, long since) {}

    /** The model is a queue of the JDK. */
    @Property(tries = 200)
    void holdsWhatAQueueHolds(@ForAll Random random) {
        EventRing ring = new EventRing();
        Deque<Held> model = new ArrayDeque<>();
        for (int step = 1; step <= 500; step++) {
            if (random.nextInt(5) < 3) {
                Event event = new Event(step, "id", "id", new Update("t", ""));
                ring.add(event, step * 10L);
                model.add(new Held(event, step * 10L));
            } else if (!model.isEmpty()) {
                assertThat(ring.oldestAddedAt()).isEqualTo(model.peek().since());
                assertThat(ring.removeOldest()).isSameAs(model.remove().event());
            }
            assertThat(ring.size()).isEqualTo(model.size());
            assertThat(ring.isEmpty()).isEqualTo(model.isEmpty());
            List<Held> expected = List.copyOf(model);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(ring.get(i)).isSameAs(expected.get(i).event());
            }
        }
    }
}
