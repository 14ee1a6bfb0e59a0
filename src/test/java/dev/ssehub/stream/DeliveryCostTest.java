package dev.ssehub.stream;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Hub;
import dev.ssehub.server.TestHub;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import io.helidon.common.buffers.BufferData;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Counts what a delivery costs: writes, written bytes and allocated bytes. Unlike a time, these do not vary. */
class DeliveryCostTest {
    private static final int SUBSCRIBERS = 500;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Hub hub = TestHub.create(1_000, 1 << 24);
    private final Queue<Subscriber> line = new ArrayDeque<>(SUBSCRIBERS);
    private final Chunk chunk = new Chunk();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private long writes;
    private long bytes;

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void waitingEventsAreWrittenTogether() {
        subscribe(SUBSCRIBERS, "t");
        for (int i = 0; i < 20; i++) {
            hub.publish(new Update("t", "x".repeat(100)));
        }
        drainAll();

        assertThat(writes).isEqualTo(SUBSCRIBERS);
        assertThat(bytes / SUBSCRIBERS / 20).as("written bytes for an event with 100 bytes of data").isBetween(125L, 135L);
    }

    @Test
    void aDeliveryAllocatesLittleAndLessIfEventsAreWrittenTogether() {
        subscribe(SUBSCRIBERS, "t");
        Update update = new Update("t", "x".repeat(1_000));

        assertThat(allocatedPerDelivery(update, 1)).as("allocated bytes for a single event").isLessThan(400);
        // about 102 until the second compiler has removed some of the objects, and 60 after that
        assertThat(allocatedPerDelivery(update, 10)).as("allocated bytes for each of ten events in one write").isLessThan(110);
    }

    @Test
    void anEventCostsNothingForSubscribersOfOtherTopics() {
        subscribe(1, "t");
        Update update = new Update("t", "x");
        long alone = allocatedPerEvent(update);
        for (int i = 0; i < 2_000; i++) {
            subscribe(1, "other/" + i);
        }
        writes = 0;

        assertThat(allocatedPerEvent(update)).isBetween(alone - 300, alone + 300);
        assertThat(line).isEmpty();
    }

    private long allocatedPerDelivery(Update update, int together) {
        return allocated(update, together) / SUBSCRIBERS / together;
    }

    private long allocatedPerEvent(Update update) {
        return allocated(update, 1);
    }

    /**
     * Returns the minimum of many runs: the thread sometimes allocates for something else, and code that is not compiled yet allocates
     * more.
     */
    private long allocated(Update update, int together) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 300; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int j = 0; j < together; j++) {
                hub.publish(update);
            }
            drainAll();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private void subscribe(int count, String topic) {
        Subscription subscription = new Subscription(List.of(TopicSelector.parse(topic)));
        for (int i = 0; i < count; i++) {
            Subscriber subscriber = hub.subscribe(subscription, line::add);
            assertThat(drain(subscriber)).isEqualTo(Next.NOTHING);
            subscribers.add(subscriber);
        }
    }

    private void drainAll() {
        for (Subscriber subscriber = line.poll(); subscriber != null; subscriber = line.poll()) {
            if (drain(subscriber) == Next.MORE) {
                line.add(subscriber);
            }
        }
    }

    private Next drain(Subscriber subscriber) {
        return subscriber.drain(frames -> write(chunk.of(frames)), () -> {});
    }

    private void write(BufferData data) {
        writes++;
        bytes += data.available();
    }
}
