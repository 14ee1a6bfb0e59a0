package dev.ssehub.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import dev.ssehub.hub.HubSettings.HistoryLimits;
import dev.ssehub.transport.LocalTransport;

/** The core step by step, without a thread of its own: the tests drain, and turn the clock. */
class HubTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong now = new AtomicLong();
    private final AtomicLong millis = new AtomicLong(1_000);
    private final List<Subscriber> ready = new ArrayList<>();
    private final Hub hub = hub(4, 8);

    private Hub hub(int mailbox, int history) {
        return new Hub(new HubSettings(Duration.ofSeconds(10), Duration.ofSeconds(5), mailbox,
                new HistoryLimits(history, Duration.ofHours(1), 1 << 20)),
                new LocalTransport(() -> Instant.ofEpochMilli(millis.incrementAndGet())), now::get);
    }

    @Test
    void deliversToTheSubscribersOfATopicAndToNobodyElse() {
        Client a = subscribe("a");
        Client both = subscribe("a", "b");
        Client all = subscribe("*");
        Client none = subscribe("c");

        publish("a", "1");
        publish("b", "2");
        hub.publish(new Update(List.of("a", "b"), "3", null));

        assertThat(a.received()).containsExactly("1", "3");
        assertThat(both.received()).containsExactly("1", "2", "3");
        assertThat(all.received()).containsExactly("1", "2", "3");
        assertThat(none.received()).isEmpty();
    }

    @Test
    void asksForOneDrainerHoweverMuchWaits() {
        Client client = subscribe("a");
        publish("a", "1");
        publish("a", "2");
        assertThat(ready).containsExactly(client.subscriber);

        assertThat(client.received()).containsExactly("1", "2");
        assertThat(client.writes).isEqualTo(1);
        assertThat(ready).isEmpty();
        publish("a", "3");
        assertThat(ready).containsExactly(client.subscriber);
    }

    @Test
    void nothingIsWrittenBeforeTheSubscriberIsReadyAndNothingIsLost() {
        Client client = new Client();
        client.subscriber = hub.subscribe(selectors("a"), null, ready::add);
        publish("a", "1");

        assertThat(ready).isEmpty();
        assertThat(client.received()).containsExactly("1");
    }

    @Test
    void whoFallsBehindCatchesUpFromTheHistoryAndIsLiveAgain() {
        Client slow = subscribe("a");
        for (int i = 1; i <= 7; i++) {
            publish("a", "" + i);
        }
        assertThat(slow.received()).containsExactly("1", "2", "3", "4", "5", "6", "7");
        publish("a", "8");
        assertThat(slow.received()).containsExactly("8");
    }

    @Test
    void whatWasNotForASubscriberIsNoGap() {
        Client rare = subscribe("rare");
        publish("rare", "0");
        assertThat(rare.received()).containsExactly("0");
        for (int i = 0; i < 20; i++) {
            publish("busy", "more than the history holds");
        }
        for (int i = 1; i <= 6; i++) {
            publish("rare", "" + i); // more than the mailbox holds
        }
        assertThat(rare.received()).containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void whatTheHistoryNoLongerHoldsIsAnnouncedAtItsPlace() {
        Client slow = subscribe("a");
        String first = publish("a", "1");
        assertThat(slow.received()).containsExactly("1");
        for (int i = 2; i <= 20; i++) {
            publish("a", "" + i);
        }

        List<String> received = slow.received();
        assertThat(received).hasSize(9);
        assertThat(received.getFirst())
                .isEqualTo("gap {\"requested\":\"" + first + "\",\"oldest\":\"1013-0\",\"newest\":\"1020-0\"}");
        assertThat(received.subList(1, 9)).containsExactly("13", "14", "15", "16", "17", "18", "19", "20");
    }

    @Test
    void resumesAfterTheLastEventThatTheClientHas() {
        publish("a", "1");
        String second = publish("a", "2");
        publish("b", "other");
        publish("a", "3");

        Client client = resume(second, "a");

        assertThat(client.received()).containsExactly("3");
        publish("a", "4");
        assertThat(client.received()).containsExactly("4");
    }

    @Test
    void anIdThatWasNeverSeenIsAGapAndThenAllThatIsHeld() {
        assertThat(resume("\"\\\u0001?", "a").received())
                .containsExactly("gap {\"requested\":\"\\\"\\\\\\u0001?\",\"oldest\":null,\"newest\":null}");
        publish("a", "1");
        assertThat(resume("5-5", "a").received())
                .containsExactly("gap {\"requested\":\"5-5\",\"oldest\":\"1001-0\",\"newest\":\"1001-0\"}", "1");
    }

    @Test
    void withoutAHistoryALossIsStillAnnounced() {
        Hub forgetful = hub(2, 0);
        Client slow = new Client();
        slow.subscriber = forgetful.subscribe(selectors("a"), null, ready::add);
        for (int i = 0; i < 3; i++) {
            forgetful.publish(new Update("a", "lost"));
        }

        assertThat(slow.received()).containsExactly("gap {\"requested\":null,\"oldest\":null,\"newest\":null}");
    }

    @Test
    void aStreamThatWasIdleGetsAHeartbeatAndABusyOneDoesNot() {
        Client client = subscribe("a");
        now.addAndGet(8 * SECOND);
        hub.check();
        assertThat(client.raw()).isEmpty();

        publish("a", "1");
        assertThat(client.received()).containsExactly("1");
        now.addAndGet(8 * SECOND);
        hub.check();
        assertThat(client.raw()).isEmpty();

        now.addAndGet(SECOND);
        hub.check();
        hub.check();
        assertThat(client.raw()).isEqualTo(": heartbeat\n\n");
    }

    @Test
    void aWriteThatHangsIsInterruptedAndItsSubscriberEnded() {
        Client client = subscribe("a");
        publish("a", "1");
        assertThat(ready).containsExactly(client.subscriber);

        client.subscriber.drain(_ -> {
            now.addAndGet(4 * SECOND);
            hub.check();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            now.addAndGet(SECOND);
            hub.check();
            assertThat(Thread.interrupted()).isTrue();
        });

        assertThat(client.subscriber.closed()).isEqualTo(DisconnectReason.TOO_SLOW);
    }

    @Test
    void toHaveBeenIdleForLongIsNoWriteThatHangs() {
        Client client = subscribe("a");
        now.addAndGet(8 * SECOND); // longer than the write timeout
        publish("a", "1");
        hub.check(); // before the drainer has begun

        assertThat(client.subscriber.closed()).isNull();
        assertThat(client.received()).containsExactly("1");
    }

    @Test
    void aBigFrameIsWrittenInPartsSoThatASlowWriteIsSeenToMove() {
        Client client = subscribe("a");
        String big = "x".repeat(10 * Subscriber.WRITE_SIZE);
        publish("a", "before");
        publish("a", big);
        publish("a", "after");
        client.beforeWrite = _ -> {
            now.addAndGet(4 * SECOND);
            hub.check();
        };

        assertThat(client.received()).containsExactly("before", big, "after");
        assertThat(client.subscriber.closed()).isNull();
        assertThat(client.largestWrite).isLessThanOrEqualTo(Subscriber.WRITE_SIZE);
    }

    @Test
    void closingDeliversWhatWaitsThenEndsTheStream() throws InterruptedException {
        Client client = subscribe("a");
        publish("a", "1");
        hub.close(Duration.ZERO);

        assertThat(client.subscriber.closed()).isEqualTo(DisconnectReason.SHUTDOWN);
        assertThatIllegalStateException().isThrownBy(() -> publish("a", "2")).withMessage("the hub is closed");
        Subscriber late = hub.subscribe(selectors("a"), null, ready::add);
        assertThat(late.drain(_ -> {})).isTrue();
        hub.close();
    }

    @Test
    void whoLeavesIsForgottenAndKeepsItsFirstReason() {
        Client a = subscribe("a", "*");
        Client b = subscribe("b");
        assertThat(hub.subscribers()).isEqualTo(2);

        hub.unsubscribe(a.subscriber, DisconnectReason.CLIENT_GONE);
        hub.unsubscribe(a.subscriber, DisconnectReason.TOO_SLOW);
        hub.unsubscribe(b.subscriber, DisconnectReason.CLIENT_GONE);
        publish("a", "1");

        assertThat(hub.subscribers()).isZero();
        assertThat(a.subscriber.closed()).isEqualTo(DisconnectReason.CLIENT_GONE);
        assertThat(a.received()).isEmpty();
        assertThat(ready).as("nobody is asked to write to who has left").isEmpty();
    }

    private String publish(String topic, String data) {
        return hub.publish(new Update(topic, data));
    }

    private Client subscribe(String... topics) {
        return resume(null, topics);
    }

    private Client resume(String lastEventId, String... topics) {
        Client client = new Client();
        client.subscriber = hub.subscribe(selectors(topics), lastEventId, ready::add);
        if (lastEventId == null) {
            assertThat(client.raw()).isEmpty();
        }
        return client;
    }

    private static List<TopicSelector> selectors(String... topics) {
        return List.of(topics).stream().map(TopicSelector::parse).toList();
    }

    /** Drains into memory when it is asked what it has received, if it is its turn to drain. */
    private final class Client {

        private Subscriber subscriber;
        private boolean opening = true;
        private Consumer<List<byte[]>> beforeWrite = _ -> {};
        private int writes;
        private int largestWrite;

        String raw() {
            StringBuilder written = new StringBuilder();
            if (!ready.remove(subscriber) && !opening) {
                return "";
            }
            opening = false;
            subscriber.drain(frames -> {
                beforeWrite.accept(frames);
                frames.forEach(frame -> written.append(new String(frame, UTF_8)));
                largestWrite = Math.max(largestWrite, frames.stream().mapToInt(frame -> frame.length).sum());
                writes++;
            });
            return written.toString();
        }

        /** The data of each event, a type before it if it has one. */
        List<String> received() {
            List<String> events = new ArrayList<>();
            for (String frame : raw().split("\n\n")) {
                StringBuilder event = new StringBuilder();
                for (String line : frame.split("\n")) {
                    if (line.startsWith("event: ")) {
                        event.append(line.substring(7)).append(' ');
                    } else if (line.startsWith("data: ")) {
                        event.append(line.substring(6));
                    }
                }
                if (!event.isEmpty()) {
                    events.add(event.toString());
                }
            }
            return events;
        }
    }
}
