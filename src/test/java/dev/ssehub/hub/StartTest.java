package dev.ssehub.hub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.event.Update;
import dev.ssehub.history.History;
import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
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

/** Events that are published while a subscriber starts, between two calls of the history. */
class StartTest {
    private final Limits limits = new Limits(2, Duration.ofHours(1), 1 << 20);
    private final History memory = new MemoryHistory(limits, System::nanoTime);
    private final AtomicReference<String> interrupted = new AtomicReference<>("");
    private final Hub hub = hub();

    @AfterEach
    void close() {
        hub.close();
    }

    private Hub hub() {
        Duration never = Duration.ofMinutes(10);
        History history = (History) Proxy.newProxyInstance(History.class.getClassLoader(), new Class<?>[]{History.class},
                (_, method, arguments) -> {
                    Object result = method.invoke(memory, arguments);
                    if (interrupted.compareAndSet(method.getName(), "")) {
                        hub.publish(new Update("a2", "meanwhile"));
                    }
                    return result;
                });
        return new Hub(new HubSettings(never, never, new Mailbox.Limits(100, 1 << 20), limits), history,
                new LocalTransport(InstantSource.system()), new NoMetrics(), InstantSource.system());
    }

    @Test
    void anEventThatFollowsTheStartOfANewSubscriberIsDelivered() {
        hub.publish(new Update("a1", "before"));
        interrupted.set("newest");
        assertThat(read(new Subscription(List.of(TopicSelector.parse("a2"))))).contains("data: meanwhile");
    }

    @Test
    void aStreamOfThePastEndsWithItsGap() {
        String start = hub.publish(new Update("b", "0"));
        IntStream.range(0, 5).forEach(_ -> hub.publish(new Update("a1", "lost")));
        hub.forget("a1");
        interrupted.set("select");
        assertThat(read(new Subscription(List.of(TopicSelector.parse("a{number}")), new Permission(List.of(), null), start, false,
                false, false))).contains("event: gap");
    }

    @Test
    void aStreamDoesNotEndIfAnEventOpensItsTopicAgainJustThen() {
        hub.publish(new Update("a2", "last").ending());
        interrupted.set("positionOfLastEnd");
        assertThat(
                read(new Subscription(List.of(TopicSelector.parse("a2")), new Permission(List.of(), null), Update.EARLIEST, true,
                        false, false)))
                .contains("data: last", "data: meanwhile").doesNotContain(": end");
    }

    private String read(Subscription subscription) {
        StringBuilder read = new StringBuilder();
        Subscriber subscriber = hub.subscribe(subscription, _ -> {});
        Next next;
        do {
            next = subscriber.drain(frames -> frames.forEach(frame -> read.append(new String(frame, UTF_8))), () -> {});
        } while (next == Next.MORE);
        return read.toString();
    }
}
