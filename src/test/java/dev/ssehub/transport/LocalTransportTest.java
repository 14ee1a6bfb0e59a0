package dev.ssehub.transport;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.event.Event;
import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.metrics.PublishedBy;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.hub.Transport;
import org.junit.jupiter.api.Test;

class LocalTransportTest {
    private final AtomicLong millis = new AtomicLong(5_000);
    private final LocalTransport transport = new LocalTransport(() -> Instant.ofEpochMilli(millis.get()));
    private final List<String> delivered = new ArrayList<>();

    @Test
    void increasesIdsWithinAMillisecondAndWhenTheClockIsSetBack() {
        start();

        assertThat(publish()).isEqualTo("5000-1");
        assertThat(publish()).isEqualTo("5000-2");
        millis.set(4_000);
        assertThat(publish()).isEqualTo("5000-3");
        millis.set(5_001);
        assertThat(publish()).isEqualTo("5001-0");
        assertThat(delivered).containsExactly("5000-1", "5000-2", "5000-3", "5001-0");
    }

    @Test
    void goesOnAfterTheNewestPositionOfTheHistory() {
        long before = HubId.position(6_000, HubId.MAX_SEQUENCE - 1);
        assertThat(transport.start((position, publication) -> accept(position, publication, ""), before)).isEqualTo(before + 1);
        assertThat(publish()).as("the sequence is at its end").isEqualTo("6001-0");
        assertThat(publish()).isEqualTo("6001-1");
    }

    @Test
    void refusesToPublishAfterClosing() {
        assertThatExceptionOfType(HubClosedException.class).isThrownBy(this::publish);
        start();
        transport.close();
        transport.close();
        assertThatExceptionOfType(HubClosedException.class).isThrownBy(this::publish);
        assertThat(delivered).isEmpty();
    }

    /** Updates of concurrent publishers are delivered in the order of their ids. */
    @Test
    void deliversInTheOrderOfTheIds() throws InterruptedException {
        start();
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
            assertThat(delivered.get(i)).isEqualTo("5000-" + (i + 1));
        }
    }

    @Test
    void returnsTheIdFromTheListener() {
        assertThat(transport.start((position, publication) -> accept(position, publication, "as "), 0))
                .isEqualTo(HubId.position(5_000, 0));
        assertThat(publish()).isEqualTo("as 5000-1");
    }

    private void start() {
        assertThat(transport.start((position, publication) -> accept(position, publication, ""), 0))
                .isEqualTo(HubId.position(5_000, 0));
    }

    private Addition accept(long position, Transport.Publication publication, String prefix) {
        Update update = publication.update();
        Addition addition = new Addition(position, update) {
            @Override
            protected void added(Event event) {
                delivered.add(event.id());
            }
        };
        String id = prefix.isEmpty() ? null : prefix + HubId.text(position);
        addition.complete(new Event(position, id, 0, update.topics(), false, new byte[0]));
        return addition;
    }

    private String publish() {
        return transport.publish(new Transport.Publication(new Update("t", "data"), null, PublishedBy.CLIENT, _ -> {}));
    }
}
