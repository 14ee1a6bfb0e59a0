package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hub that stops, step by step: the tests drain the subscribers. */
@Timeout(30)
class DrainTest {
    private static final Limits LIMITS = new Limits(100, Duration.ofHours(1), 1 << 20);
    private static final Drain DRAIN = new Drain(Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofSeconds(5));

    private final Queue<List<Addition>> held = new ConcurrentLinkedQueue<>();
    private final Queue<Subscriber> ready = new ConcurrentLinkedQueue<>();
    private final Hub hub = hub();
    private volatile boolean holds;

    /** Creates a hub whose history can hold back events, like one that waits for a disk. */
    private Hub hub() {
        History memory = new MemoryHistory(LIMITS, System::nanoTime);
        History history = (History) Proxy.newProxyInstance(History.class.getClassLoader(), new Class<?>[]{History.class},
                (_, method, arguments) -> {
                    if (holds && method.getName().equals("append")) {
                        held.add(((List<?>) arguments[0]).stream().map(Addition.class::cast).toList());
                        return null;
                    }
                    return method.invoke(memory, arguments);
                });
        Duration never = Duration.ofMinutes(10);
        return new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20), LIMITS), history,
                new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system());
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private Subscriber subscribe(boolean checkpoints) {
        return hub
                .subscribe(new Subscription(List.of(TopicSelector.parse("a")), new Permission(List.of(), null), null, true, false,
                        checkpoints), ready::add);
    }

    /** Drains a subscriber until it has nothing more to write, and unsubscribes it at its end. Returns what it has written. */
    private String drain(Subscriber subscriber) {
        StringBuilder written = new StringBuilder();
        Next next = Next.MORE;
        while (next == Next.MORE) {
            next = subscriber.drain(frames -> frames.forEach(frame -> written.append(new String(frame, UTF_8))), () -> {});
        }
        if (next == Next.END) {
            hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
        }
        return written.toString();
    }

    private Thread closing(Drain drain) {
        return Thread.ofVirtual().start(() -> {
            try {
                hub.close(drain);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void spreadsTheReconnectionTimesEvenlyOverTheWindow() {
        int count = 500;
        for (int i = 0; i < count; i++) {
            assertThat(DRAIN.retryMillis(i, count)).isBetween(2_000L + 10 * i, 2_000L + 10 * (i + 1));
        }
        assertThat(new Drain(Duration.ZERO, Duration.ofSeconds(2), Duration.ZERO).retryMillis(3, 4)).isEqualTo(2_000);
    }

    @Test
    void endsManyStreamsInAThirdOfTheTimeAndFewAtOnce() {
        assertThat(DRAIN.nanosBefore(0, 1)).isZero();
        assertThat(DRAIN.nanosBefore(9, 10)).isEqualTo(Duration.ofMillis(9).toNanos());
        assertThat(DRAIN.nanosBefore(50_000, 100_000)).isEqualTo(Duration.ofSeconds(10).toNanos() / 6);
    }

    @Test
    void sendsWhatWaitsAndThenWhenToComeBack() throws InterruptedException {
        Subscriber block = subscribe(true);
        Subscriber line = subscribe(false);
        hub.publish(new Update("a", "last words"));
        Thread closing = closing(DRAIN);
        await().until(() -> line.closed() != null && block.closed() != null);

        assertThat(drain(block)).matches("id: .*\ndata: last words\n\nretry: [2-6]\\d{3}\n: restart\n\n");
        assertThat(drain(line)).as("some libraries dispatch an event for every block")
                .matches("id: .*\ndata: last words\n\nretry: [2-6]\\d{3}\n: restart\n");
        closing.join();
        assertThat(line.closed()).isEqualTo(DisconnectReason.SHUTDOWN);
        assertThatExceptionOfType(HubClosedException.class).isThrownBy(() -> hub.publish(new Update("a", "late")))
                .withMessage("the hub is closed");
    }

    @Test
    void endsAStreamThatComesLateInTheSameWay() throws InterruptedException {
        closing(DRAIN).join();

        assertThat(drain(subscribe(true))).matches("retry: [2-6]\\d{3}\n: restart\n\n");
    }

    /** The publisher gets its answer, so the subscribers must get its event before they go. */
    @Test
    void deliversTheEventsOfPublishersThatStillWait() throws Exception {
        Subscriber subscriber = subscribe(false);
        holds = true;
        FutureTask<String> publisher = new FutureTask<>(() -> hub.publish(new Update("a", "just in time")));
        Thread.ofVirtual().start(publisher);
        await().until(() -> !held.isEmpty());
        Thread closing = closing(DRAIN);
        await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);

        assertThat(subscriber.closed()).as("it waits for the event").isNull();
        holds = false;
        hub.history().append(held.remove());
        assertThat(publisher.get()).isNotEmpty();
        await().until(() -> subscriber.closed() != null);
        assertThat(drain(subscriber)).contains("data: just in time\n\nretry: ");
        closing.join();
    }

    /** A client that catches up and does not come to an end is told when to come back, and continues where it was. */
    @Test
    void endsAStreamInTimeAlthoughEventsWait() throws InterruptedException {
        Subscriber slow = subscribe(false);
        hub.publish(new Update("a", "1"));
        slow.closeForRestart(4_711);
        slow.finish();

        assertThat(drain(slow)).isEqualTo("retry: 4711\n: restart\n");
    }

    @Test
    void abortsAStreamThatDoesNotEndInTime() throws InterruptedException {
        Subscriber stalled = subscribe(false);
        assertThat(drain(stalled)).isEmpty();
        hub.publish(new Update("a", "1"));
        closing(new Drain(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ZERO)).join();

        assertThat(hub.subscribers()).as("the connection's thread unsubscribes it").isEqualTo(1);
        assertThat(drain(stalled)).as("its events are dropped").isEqualTo("retry: 2000\n: restart\n");
    }
}
