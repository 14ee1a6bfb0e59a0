package dev.ssehub.stream;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.hub.Hub;
import dev.ssehub.logging.LoggedLines;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.server.TestHub;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.tracing.TraceContext;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** Which ends of streams are logged, and how many of them. {@code EventStreamTest} has clients that are cut off. */
class StreamLogTest {
    private final AtomicLong now = new AtomicLong();
    private final StreamLog streams = new StreamLog(now::get);

    private void end(DisconnectReason reason, String subject) {
        try (Hub hub = TestHub.create()) {
            Subscriber subscriber = hub.subscribe(new Subscription(List.of(TopicSelector.parse("/orders/{id}")),
                    new Permission(List.of(), null), null, true, false, false, 0,
                    new Opening.Client(InetAddress.ofLiteral("192.0.2.7"), subject)), _ -> {});
            hub.unsubscribe(subscriber, reason);
            StreamStatus status = subscriber.status();
            streams.ended(status, Duration.ofSeconds(61), Optional.of(new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736",
                    "00f067aa0ba902b7", true)));
        }
    }

    @Test
    void aThousandSlowClientsDoNotFillTheDiskNorHideAnother() {
        try (LoggedLines log = new LoggedLines(StreamLog.class.getName(), Level.INFO)) {
            for (int i = 0; i < 1000; i++) {
                end(DisconnectReason.TOO_SLOW, "client " + i);
            }
            end(DisconnectReason.UNEXPECTED_DATA, "other");
            assertThat(log.all()).hasSize(21);
            assertThat(log.all().getFirst()).matches("WARNING \\S+: a stream was cut off reason=too-slow address=192\\.0\\.2\\.7 "
                    + "subject=\"client 0\" topics=\\[\"/orders/\\{id}\"] last_id=\\S+ delivered=0 age=61 "
                    + "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7");
            assertThat(log.all().getLast()).contains("reason=unexpected-data");

            now.addAndGet(Duration.ofMinutes(1).toNanos());
            end(DisconnectReason.TOO_SLOW, "late");
            assertThat(log.all()).hasSize(22).last().asString()
                    .contains("cut off (and 980 more like this since it was last logged) reason=too-slow");
        }
    }

    @Test
    void aClientThatLeavesIsNoLineForAnOperator() {
        try (LoggedLines log = new LoggedLines(StreamLog.class.getName(), Level.INFO)) {
            for (DisconnectReason reason : DisconnectReason.values()) {
                end(reason, "a");
            }
            assertThat(log.all()).hasSize(5).noneMatch(line -> line.matches(".*(client-gone|caught-up|shutdown).*"))
                    .anyMatch(line -> line.startsWith("INFO ") && line.contains("reason=expired"));
        }
        try (LoggedLines log = new LoggedLines(StreamLog.class.getName(), Level.FINE)) {
            end(DisconnectReason.CLIENT_GONE, "a");
            assertThat(log.all()).singleElement().asString().startsWith("DEBUG ")
                    .contains(": a stream has ended reason=client-gone");
        }
    }
}
