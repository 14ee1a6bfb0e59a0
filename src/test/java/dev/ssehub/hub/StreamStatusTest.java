package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.HubId;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the hub can say about a stream at any moment. */
class StreamStatusTest {
    private static final Duration NEVER = Duration.ofMinutes(10);

    private final Hub hub = new Hub(new HubSettings(NEVER, NEVER, new Mailbox.Limits(3, 1 << 20),
            new Limits(4, Duration.ofHours(1), 1 << 20)), new LocalTransport(InstantSource.system()), new NoMetrics(),
            InstantSource.system());
    private final StringBuilder written = new StringBuilder();

    @AfterEach
    void close() {
        hub.close();
    }

    private Subscriber subscribe(@Nullable String lastEventId) {
        return hub
                .subscribe(new Subscription(List.of(TopicSelector.parse("t")), new Permission(List.of(), null), lastEventId, true,
                        false, true, 0, new Opening.Client(InetAddress.getLoopbackAddress(), "me")), _ -> {});
    }

    private void write(List<byte[]> frames) {
        frames.forEach(frame -> written.append(new String(frame, UTF_8)));
    }

    private void drain(Subscriber subscriber) {
        Next next;
        do {
            next = subscriber.drain(this::write, () -> {});
        } while (next == Next.MORE);
    }

    @Test
    void eventsWaitUntilTheyAreWritten() {
        Subscriber subscriber = subscribe(null);
        StreamStatus opened = subscriber.status();
        assertThat(opened.opening().client().subject()).isEqualTo("me");
        assertThat(opened.waitingEvents()).isZero();
        drain(subscriber);

        String first = hub.publish(new Update("t", "1"));
        String second = hub.publish(new Update("t", "2"));
        StreamStatus waiting = subscriber.status();
        assertThat(waiting.waitingEvents()).isEqualTo(2);
        assertThat(waiting.waitingBytes()).isPositive();
        assertThat(HubId.text(waiting.firstWaiting())).isEqualTo(first);
        assertThat(waiting.place().events()).isZero();
        assertThat(waiting.catchingUp()).isFalse();

        List<StreamStatus> writing = new ArrayList<>();
        subscriber.drain(frames -> {
            writing.add(subscriber.status());
            write(frames);
        }, () -> {});
        assertThat(writing.getFirst().waitingEvents()).as("a write in progress").isEqualTo(2);
        assertThat(writing.getFirst().place().written()).isLessThan(HubId.parse(first));
        assertThat(HubId.text(writing.getFirst().place().given())).isEqualTo(second);
        assertThat(writing.getFirst().stalledNanos()).isNotNegative();

        StreamStatus done = subscriber.status();
        assertThat(done.waitingEvents()).isZero();
        assertThat(done.stalledNanos()).isNegative();
        assertThat(done.place().events()).isEqualTo(2);
        assertThat(done.place().bytes()).isEqualTo(written.length());
        assertThat(done.place().lastId()).isEqualTo(second);
        assertThat(HubId.text(done.place().written())).isEqualTo(second);
    }

    @Test
    void aStreamWhoseMailboxOverflowsCatchesUpAndIsToldWhatIsMissing() {
        Subscriber subscriber = subscribe(null);
        drain(subscriber);
        List<String> ids = IntStream.range(0, 9).mapToObj(i -> hub.publish(new Update("t", "" + i))).toList();
        assertThat(subscriber.status().catchingUp()).isTrue();
        assertThat(subscriber.status().waitingEvents()).as("they are in the history").isZero();

        drain(subscriber);
        StreamStatus.Place place = subscriber.status().place();
        assertThat(written).contains("event: gap");
        assertThat(place.events()).isEqualTo(4);
        assertThat(place.missedAfter()).isEqualTo(place.start());
        assertThat(HubId.text(place.missedUpTo())).isEqualTo(ids.get(4));
        assertThat(subscriber.status().catchingUp()).isFalse();
    }

    @Test
    void anInterruptedWriteDoesNotCountAsWritten() {
        Subscriber subscriber = subscribe(null);
        drain(subscriber);
        hub.publish(new Update("t", "1"));
        subscriber.drain(_ -> subscriber.abort(DisconnectReason.OPERATOR), () -> {});
        assertThat(subscriber.status().place().events()).isZero();
        assertThat(subscriber.status().place().written()).isEqualTo(subscriber.status().place().start());
        assertThat(subscriber.status().reason()).isEqualTo(DisconnectReason.OPERATOR);

        subscriber.drain(this::write, () -> {});
        assertThat(written).contains(": an operator has ended this stream");
    }
}
