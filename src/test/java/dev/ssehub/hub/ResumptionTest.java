package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Limits;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that come from another node, which has received more than this one. */
class ResumptionTest {
    private final AtomicLong millis = new AtomicLong(5_000);
    private final Cut transport = new Cut(new LocalTransport(this::now), new AtomicBoolean(true),
            new AtomicReference<>(() -> {}));
    private final Hub hub = new Hub(
            new HubSettings(Duration.ofMinutes(10), Duration.ofMinutes(10), new Mailbox.Limits(100, 1 << 20),
                    new Limits(100, Duration.ofHours(1), 1 << 20)),
            transport, new NoMetrics(), this::now);
    private final StringBuilder received = new StringBuilder();

    /** A transport that gets no news from other nodes while it is cut off, and otherwise when it catches up. */
    private record Cut(LocalTransport local, AtomicBoolean isCut, AtomicReference<Runnable> news) implements Transport {
        @Override
        public void start(Listener listener, long newest) {
            local.start(listener, newest);
        }

        @Override
        public List<String> publish(List<Publication> together) {
            return local.publish(together);
        }

        @Override
        public void forget(String topic) {
            local.forget(topic);
        }

        @Override
        public long shared(long position) {
            return position >> 10 << 10;
        }

        @Override
        public boolean catchUp() {
            news.getAndSet(() -> {}).run();
            return !isCut.get();
        }

        @Override
        public void refuse() {
            local.refuse();
        }

        @Override
        public void close() {
            local.close();
        }
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private Instant now() {
        return Instant.ofEpochMilli(millis.get());
    }

    private Subscriber subscribe(String lastEventId) {
        return hub
                .subscribe(new Subscription(List.of(TopicSelector.parse("a")), new Permission(List.of(), null), lastEventId, true,
                        false, true), _ -> {});
    }

    private String drain(Subscriber subscriber) {
        Next next;
        do {
            next = subscriber.drain(frames -> frames.forEach(frame -> received.append(new String(frame, UTF_8))), () -> {});
        } while (next == Next.MORE);
        return received.toString();
    }

    @Test
    void aClientThatIsAheadReceivesOnlyWhatFollows() {
        hub.publish(new Update("a", "1"));
        Subscriber subscriber = subscribe("6000-0");
        hub.publish(new Update("a", "2"));
        assertThat(drain(subscriber)).as("the client has these events").isEmpty();
        millis.set(7_000);
        hub.publish(new Update("a", "3"));
        assertThat(drain(subscriber)).isEqualTo("id: 7000-0\ndata: 3\n\n");
    }

    @Test
    void aNodeThatHasCaughtUpDoesNotKnowAnIdThatIsAhead() {
        transport.isCut().set(false);
        hub.publish(new Update("a", "1"));
        assertThat(drain(subscribe("6000-0"))).contains("event: gap", "data: 1");
    }

    /** The id of an event of its own node leads between the events that all nodes have. */
    @Test
    void aClientWithALocalEventOfAnotherNodeGoesOnAfterTheLastSharedEvent() {
        hub.publish(new Update("a", "1"));
        transport.isCut().set(false);
        Subscriber subscriber = subscribe("5000-7");
        assertThat(drain(subscriber)).as("the client has event 5000-1").isEmpty();
        hub.publish(new Update("a", "local to this node"));
        hub.publish(new Update("a", "another"));
        assertThat(drain(subscriber)).contains("id: 5000-2\ndata: local to this node\n\n", "id: 5000-3").doesNotContain("gap");
    }

    /** Ids go on increasing, so they are ahead of the clock. */
    @Test
    void aClientIsAheadAlsoWhenTheClockWasSetBack() {
        millis.set(900_000);
        hub.publish(new Update("a", "1"));
        millis.set(5_000);
        assertThat(drain(subscribe("900005-0"))).as("no gap").isEmpty();
    }

    /** What this node has not received may have opened the topic again. */
    @Test
    void nothingIsOverForAClientThatIsAheadOfThisNode() {
        String end = hub.publish(new Update("a", "1").ending());
        assertThat(isOver(end)).isTrue();
        assertThat(isOver("6000-0")).as("this node is cut off").isFalse();
        transport.isCut().set(false);
        assertThat(isOver("6000-0")).as("no node has given this id").isFalse();
        assertThat(isOver("5000-7")).as("the client also has local events of another node").isTrue();
        millis.set(7_000);
        String other = hub.publish(new Update("b", "2"));
        assertThat(isOver(other)).isTrue();
        hub.publish(new Update("a", "3"));
        assertThat(isOver(other)).isFalse();
    }

    @Test
    void aNodeThatKnowsAnIdFromTheOthersCannotTellTheEndAlone() {
        hub.publish(new Update(List.of("a"), "1", null, "last", null, false).ending());
        assertThat(isOver("last")).isTrue();
        assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> isOver("unknown"));
        transport.isCut().set(false);
        assertThat(isOver("unknown")).isFalse();
        assertThat(isOver(Update.EARLIEST)).isFalse();
        assertThat(isOver(null)).isFalse();
    }

    @Test
    void aNodeLearnsOfTheEndWhenTheClientComes() {
        transport.isCut().set(false);
        transport.news().set(() -> hub.publish(new Update(List.of("a"), "1", null, "last", null, false).ending()));
        assertThat(isOver("last")).isTrue();
        transport.news().set(() -> {
            millis.set(6_000);
            hub.publish(new Update("a", "2").ending());
        });
        assertThat(isOver("6000-0")).isTrue();
        transport.news().set(() -> {
            millis.set(7_000);
            hub.publish(new Update("a", "opens"));
        });
        assertThat(isOver("7000-0")).isFalse();
    }

    private boolean isOver(String lastEventId) {
        return hub.isOver(new Subscription(List.of(TopicSelector.parse("a")), new Permission(List.of(), null), lastEventId, true,
                false, true));
    }

    @Test
    void anIdOfTheFarFutureWasNotGivenByAnyNode() {
        assertThat(drain(subscribe("65001-0"))).contains("event: gap");
    }

    @Test
    void aClientWhosePlaceCannotBeFoundIsRefusedForNow() {
        hub.publish(new Update(List.of("a"), "1", null, "known", null, false));
        assertThat(drain(subscribe("known"))).isEmpty();
        assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> subscribe("unknown"));
        assertThat(hub.subscribers()).isEqualTo(1);
        transport.isCut().set(false);
        assertThat(drain(subscribe("unknown"))).contains("event: gap", "data: 1");
    }
}
