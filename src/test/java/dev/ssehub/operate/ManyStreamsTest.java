package dev.ssehub.operate;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.event.Update;
import dev.ssehub.http.Refusal;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.server.TestHub;
import dev.ssehub.subscriber.Opening;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import io.helidon.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** As many streams as a large hub has, registered without sockets. */
class ManyStreamsTest {
    private static final int STREAMS = 20_000;

    private final Hub hub = TestHub.create();
    private final StreamsHandler streams = new StreamsHandler(hub, "1", InstantSource.system());
    private final AllNodes nodes = new AllNodes(new Nodes(streams, new EventHandler(hub, streams), Cluster.alone()),
            InstantSource.system());
    private final List<Subscriber> subscribers = IntStream.range(0, STREAMS).mapToObj(this::subscribe).toList();

    @AfterEach
    void close() {
        hub.close();
    }

    private Subscriber subscribe(int number) {
        try {
            InetAddress address = InetAddress.getByAddress(new byte[]{10, 0, (byte) (number >> 8), (byte) number});
            Subscriber subscriber = hub.subscribe(new Subscription(
                    List.of(TopicSelector.parse("t"), TopicSelector.parse("/users/" + number + "/{topic}")),
                    new Permission(List.of(), null), null, true, false, false, 0, new Opening.Client(address, "user " + number)),
                    _ -> {});
            subscriber.drain(_ -> {}, () -> {});
            return subscriber;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void answersStayShortAndFast() throws Exception {
        String id = hub.publish(new Update("t", "text"));
        JsonObject list = nodes.list("sort=address&offset=256&limit=1000");
        assertThat(list.intValue("matching")).hasValue(STREAMS);
        assertThat(list.toString()).contains("\"address\":\"10.0.1.0\"").doesNotContain("\"address\":\"10.0.0.255\"");
        assertThat(list.toString().length()).isLessThan(1 << 20);
        assertThat(nodes.list("topic=/users/77/x").intValue("matching")).hasValue(1);
        JsonObject event = nodes.trace(id, "limit=1000");
        assertThat(event.objectValue("counts").orElseThrow().intValue("waiting")).hasValue(STREAMS);
        assertThat(event.toString().length()).isLessThan(1 << 20);

        for (String order : List.of("-behind", "address", "subject", "-waitingEvents", "age")) {
            assertThat(leastMillis(() -> nodes.list("sort=" + order))).as(order).isLessThan(50);
        }
        assertThat(leastMillis(() -> trace(id))).as("an event").isLessThan(50);
    }

    private JsonObject trace(String id) {
        try {
            return nodes.trace(id, "");
        } catch (Refusal e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the least of several measurements. It is the time of the processor, because the machine may be busy. */
    private static long leastMillis(Runnable task) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return IntStream.range(0, 10).mapToLong(_ -> {
            long start = threads.getCurrentThreadCpuTime();
            task.run();
            return TimeUnit.NANOSECONDS.toMillis(threads.getCurrentThreadCpuTime() - start);
        }).min().orElseThrow();
    }

    @Test
    void remembersOnlyTheStreamsThatEndedLast() {
        Instant before = hub.ended().recent().since();
        subscribers.forEach(subscriber -> hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE));

        assertThat(hub.ended().recent().streams()).hasSize(1_000);
        assertThat(hub.ended().recent().since()).as("earlier ones are missing").isAfter(before);
        assertThat(nodes.listEnded("subject=user 19999").intValue("matching")).hasValue(1);
        assertThat(nodes.listEnded("subject=user 7").intValue("matching")).hasValue(0);
        assertThat(nodes.listEnded("limit=1").intValue("matching")).hasValue(1_000);
    }
}
