package dev.ssehub.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import dev.ssehub.hub.Update;

class LocalTransportTest {

    private final AtomicLong millis = new AtomicLong(5_000);
    private final LocalTransport transport = new LocalTransport(() -> Instant.ofEpochMilli(millis.get()));
    private final List<String> delivered = new ArrayList<>();

    @Test
    void idsGrowAlsoWithinAMillisecondAndWhenTheClockStepsBack() {
        transport.start((id, _) -> delivered.add(id));

        assertThat(publish()).isEqualTo("5000-0");
        assertThat(publish()).isEqualTo("5000-1");
        millis.set(4_000);
        assertThat(publish()).isEqualTo("5000-2");
        millis.set(5_001);
        assertThat(publish()).isEqualTo("5001-0");
        assertThat(delivered).containsExactly("5000-0", "5000-1", "5000-2", "5001-0");
    }

    @Test
    void publishesOnlyWhileItIsOpen() {
        assertThatIllegalStateException().isThrownBy(this::publish);
        transport.start((id, _) -> delivered.add(id));
        transport.close();
        transport.close();
        assertThatIllegalStateException().isThrownBy(this::publish);
        assertThat(delivered).isEmpty();
    }

    /** The order of the ids is the order of the deliveries, whoever publishes. */
    @Test
    void deliversInTheOrderOfTheIds() throws InterruptedException {
        transport.start((id, _) -> delivered.add(id));
        List<Thread> publishers = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            publishers.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 5_000; i++) {
                    publish();
                }
            }));
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }
        assertThat(delivered).hasSize(20_000);
        for (int i = 0; i < delivered.size(); i++) {
            assertThat(delivered.get(i)).isEqualTo("5000-" + i);
        }
    }

    private String publish() {
        return transport.publish(new Update("t", "data"));
    }
}
