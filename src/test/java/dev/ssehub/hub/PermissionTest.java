package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.EvictionReason;
import dev.ssehub.metrics.HubMetrics;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Permissions expire and are renewed. The tests go step by step and move the clock. */
class PermissionTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final String EXPIRED = "event: expired\ndata: {\"message\":\"the token has expired; a fresh one is needed to go on\"}\n\n";

    private final AtomicReference<Instant> clock = new AtomicReference<>(START);
    private final List<DisconnectReason> ended = new ArrayList<>();
    private final AtomicInteger fellBehind = new AtomicInteger();
    private final HubMetrics metrics = new NoMetrics() {
        @Override
        public void fellBehind() {
            fellBehind.incrementAndGet();
        }

        @Override
        public void ended(DisconnectReason reason) {
            ended.add(reason);
        }
    };
    private static final Limits LIMITS = new Limits(8, Duration.ofHours(1), 1 << 20);
    private final Hub hub = new Hub(new HubSettings(Duration.ofSeconds(10), Duration.ofSeconds(5), new Mailbox.Limits(2, 1 << 20),
            LIMITS), new MemoryHistory(LIMITS, () -> 0), new LocalTransport(clock::get), metrics, clock::get, () -> 0,
            1 << 30);
    private boolean streamEnded;

    @Test
    void aStreamEndsWithAnEventWhenItsPermissionExpires() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        assertThat(drain(subscriber)).isEmpty();
        clock.set(START.plusSeconds(60).minusMillis(1));
        hub.caretaker().check();
        assertThat(subscriber.closed()).isNull();

        clock.set(START.plusSeconds(60));
        hub.caretaker().check();
        assertThat(subscriber.closed()).isEqualTo(DisconnectReason.EXPIRED);
        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
        assertThat(streamEnded).isTrue();
        assertThat(subscriber.renew(new Permission(List.of(), null))).as("too late").isFalse();
        hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
        assertThat(ended).containsExactly(DisconnectReason.EXPIRED);
    }

    /** The client keeps the id of the last event that it has received, so it can resume from there with a new token. */
    @Test
    void waitingEventsAreDroppedWhenThePermissionExpires() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        String first = hub.publish(update("1"));
        assertThat(drain(subscriber)).contains("data: 1");
        hub.publish(update("2"));
        clock.set(START.plusSeconds(61));
        hub.caretaker().check();
        hub.publish(update("3"));

        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
        assertThat(drain(subscribe(null, first))).contains("data: 2", "data: 3").doesNotContain("data: 1");
    }

    /** The caretaker comes only once in a while. */
    @Test
    void nothingIsWrittenFromTheMomentThePermissionExpires() {
        Subscriber live = subscribe(START.plusSeconds(60), null);
        drain(live);
        Subscriber catchingUp = subscribe(START.plusSeconds(60), Update.EARLIEST);
        Subscriber idle = subscribe(START.plusSeconds(60), null);
        drain(idle);
        clock.set(START.plusSeconds(60).minusMillis(1));
        hub.publish(update("1"));
        assertThat(drain(live)).contains("data: 1");

        clock.set(START.plusSeconds(60));
        hub.publish(update("2"));
        assertThat(drain(live)).isEqualTo(EXPIRED);
        assertThat(drain(catchingUp)).isEqualTo(EXPIRED);
        assertThat(live.closed()).isEqualTo(DisconnectReason.EXPIRED);
        assertThat(idle.renew(new Permission(List.of(), START.plusSeconds(120)))).as("in time").isTrue();
        assertThat(drain(idle)).contains("data: 1", "data: 2");
    }

    @Test
    void theEventsThatDoNotFitIntoTheLastWriteAreDropped() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        hub.publish(update("1"));
        hub.publish(update("x".repeat(20_000)));
        List<String> parts = new ArrayList<>();
        subscriber.drain(frames -> {
            frames.forEach(frame -> parts.add(new String(frame, UTF_8)));
            clock.set(START.plusSeconds(60));
        }, () -> {});
        assertThat(parts).hasSize(1).first().asString().contains("data: 1");
        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
    }

    /** The client would take the end for the whole past, although its last event is missing. */
    @Test
    void aStreamDoesNotEndWithItsTopicWithoutItsLastEvent() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        hub.publish(update("last").ending());
        clock.set(START.plusSeconds(60));
        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
        assertThat(subscriber.closed()).isEqualTo(DisconnectReason.EXPIRED);
        Subscriber another = subscribe(null, Update.EARLIEST);
        assertThat(drain(another)).contains("data: last");
        assertThat(another.closed()).isEqualTo(DisconnectReason.ENDED);
        assertThat(streamEnded).isTrue();
    }

    /** The end was passed over, but nothing can follow it. */
    @Test
    void aStreamEndsWhenAFreshTokenShowsThatItsTopicHasEnded() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        hub.publish(secret("secret").ending());
        assertThat(drain(subscriber)).isEmpty();
        assertThat(subscriber.closed()).isNull();
        subscriber.renew(new Permission(List.of(new TopicSelector.Any()), null));
        assertThat(drain(subscriber)).endsWith(": end\n\n").doesNotContain("secret");
        assertThat(subscriber.closed()).isEqualTo(DisconnectReason.ENDED);
    }

    @Test
    void aSubscriberThatIsCatchingUpIsClosedToo() {
        hub.publish(update("1"));
        Subscriber subscriber = subscribe(START.plusSeconds(60), Update.EARLIEST);
        clock.set(START.plusSeconds(60));
        hub.caretaker().check();

        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
    }

    /** The event was in the mailbox when the permission was renewed. */
    @Test
    void waitingEventsThatTheNewPermissionDoesNotCoverAreDropped() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        subscriber.renew(new Permission(List.of(TopicSelector.parse("a")), START.plusSeconds(90)));
        drain(subscriber);
        hub.publish(secret("1"));
        hub.publish(update("2"));
        subscriber.renew(new Permission(List.of(), START.plusSeconds(120)));

        assertThat(drain(subscriber)).contains("data: 2").doesNotContain("data: 1");
        hub.publish(update("3"));
        assertThat(drain(subscriber)).contains("data: 3");
    }

    /** A client cannot keep its stream open by reading an event slowly. */
    @Test
    void aWriteThatOutlivesThePermissionIsInterrupted() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        hub.publish(update("1"));
        subscriber.drain(_ -> {
            clock.set(START.plusSeconds(60));
            hub.caretaker().check();
            hub.caretaker().check();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            clock.set(START.plusSeconds(62));
            hub.caretaker().check();
            assertThat(Thread.interrupted()).isTrue();
        }, () -> {});
        assertThat(subscriber.closed()).isEqualTo(DisconnectReason.EXPIRED);
    }

    @Test
    void aNewPermissionReplacesTheOldOne() {
        Subscriber subscriber = subscribe(START.plusSeconds(60), null);
        drain(subscriber);
        hub.publish(secret("1"));
        assertThat(drain(subscriber)).isEmpty();

        assertThat(subscriber.renew(new Permission(List.of(TopicSelector.parse("a")), START.plusSeconds(120)))).isTrue();
        hub.publish(secret("2"));
        assertThat(drain(subscriber)).contains("data: 2").doesNotContain("data: 1");
        clock.set(START.plusSeconds(60));
        hub.caretaker().check();
        assertThat(subscriber.closed()).isNull();

        subscriber.renew(new Permission(List.of(), START.plusSeconds(120)));
        hub.publish(secret("3"));
        assertThat(drain(subscriber)).isEmpty();
        clock.set(START.plusSeconds(120));
        hub.caretaker().check();
        assertThat(drain(subscriber)).isEqualTo(EXPIRED);
    }

    @Test
    void aNewPermissionAppliesToTheEventsThatAreStillToBeRead() {
        hub.publish(secret("1"));
        Subscriber nowAllowed = subscribe(null, Update.EARLIEST);
        nowAllowed.renew(new Permission(List.of(TopicSelector.parse("a")), null));
        assertThat(drain(nowAllowed)).contains("data: 1");

        Subscriber noMore = hub.subscribe(new Subscription(List.of(TopicSelector.parse("a")),
                new Permission(List.of(TopicSelector.parse("a")), null), Update.EARLIEST, true, false, true), _ -> {});
        noMore.renew(new Permission(List.of(), null));
        assertThat(drain(noMore)).isEmpty();
    }

    @Test
    void onlyTheFirstReasonCounts() {
        Subscriber subscriber = subscribe(START, null);
        subscriber.close(DisconnectReason.SHUTDOWN);
        hub.caretaker().check();

        assertThat(drain(subscriber)).isEmpty();
        assertThat(subscriber.closed()).isEqualTo(DisconnectReason.SHUTDOWN);
    }

    @Test
    void aFullMailboxAndAFullHistoryAreReported() {
        for (int i = 0; i < 8; i++) {
            hub.publish(update("" + i));
        }
        assertThat(hub.history().status().evicted()).containsEntry(EvictionReason.FULL, 0L);

        Subscriber live = subscribe(null, null);
        drain(live);
        for (int i = 0; i < 3; i++) {
            hub.publish(update("" + i));
        }
        assertThat(hub.history().status().evicted()).containsEntry(EvictionReason.FULL, 3L);
        assertThat(fellBehind).hasValue(1);
    }

    private static Update update(String data) {
        return new Update("a", data);
    }

    private static Update secret(String data) {
        return new Update(List.of("a"), data, null, null, null, true);
    }

    private Subscriber subscribe(@Nullable Instant expires, @Nullable String lastEventId) {
        return hub.subscribe(
                new Subscription(List.of(TopicSelector.parse("a")), new Permission(List.of(), expires), lastEventId, true, false,
                        true),
                _ -> {});
    }

    private String drain(Subscriber subscriber) {
        StringBuilder written = new StringBuilder();
        while (subscriber.drain(frames -> frames.forEach(frame -> written.append(new String(frame, UTF_8))),
                () -> streamEnded = true) == Next.MORE) {
            // on to the next
        }
        return written.toString();
    }
}
