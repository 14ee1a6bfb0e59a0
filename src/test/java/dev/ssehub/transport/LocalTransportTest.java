package dev.ssehub.transport;

import module java.base;
import static dev.ssehub.transport.RecordingListener.publication;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.hub.Transport;
import org.junit.jupiter.api.Test;

class LocalTransportTest extends TransportContract {
    private final AtomicLong millis = new AtomicLong(5_000);

    @Override
    protected Transport open() {
        return new LocalTransport(() -> Instant.ofEpochMilli(millis.get()));
    }

    private static String publish(Transport transport) {
        return transport.publish(publication(new Update("t", "data")));
    }

    @Test
    void increasesIdsWithinAMillisecondAndWhenTheClockIsSetBack() {
        Transport transport = start(listener);
        assertThat(listener.beginning()).isEqualTo(HubId.position(5_000, 0));
        assertThat(publish(transport)).isEqualTo("5000-1");
        assertThat(publish(transport)).isEqualTo("5000-2");
        millis.set(4_000);
        assertThat(publish(transport)).isEqualTo("5000-3");
        millis.set(5_001);
        assertThat(publish(transport)).isEqualTo("5001-0");
    }

    @Test
    void continuesInTheNextMillisecondAtTheEndOfTheSequence() {
        Transport transport = opened();
        transport.start(listener, HubId.position(6_000, HubId.MAX_SEQUENCE - 1));
        assertThat(listener.beginning()).isEqualTo(HubId.position(6_000, HubId.MAX_SEQUENCE));
        assertThat(publish(transport)).isEqualTo("6001-0");
        assertThat(publish(transport)).isEqualTo("6001-1");
    }
}
