package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.history.Limits;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.HubSettings;
import dev.ssehub.hub.Transport;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;

/** A hub and the events that are published to it. */
public final class Events implements AutoCloseable {
    final Hub hub;
    private final BlockingQueue<Event> seen = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    /** @param type empty if the event has none */
    public record Event(String type, String data) {}

    Events(String topic) {
        this(topic, new LocalTransport(InstantSource.system()));
    }

    Events(String topic, Transport transport) {
        Duration never = Duration.ofMinutes(10);
        hub = new Hub(new HubSettings(never, never, new Mailbox.Limits(10_000, 1 << 30),
                new Limits(100_000, Duration.ofHours(1), 1 << 30)),
                transport, new NoMetrics(), InstantSource.system());
        drain(hub.subscribe(new Subscription(List.of(TopicSelector.parse(topic))), subscriber -> Thread
                .startVirtualThread(() -> drain(subscriber))));
    }

    private void drain(Subscriber subscriber) {
        while (subscriber.drain(parts -> parts.forEach(this::read), () -> {}) == Next.MORE) {
            // continue with the rest
        }
    }

    /** Takes a part of the stream. Called by one thread at a time. */
    private void read(byte[] part) {
        stream.writeBytes(part);
        String text = stream.toString(UTF_8);
        if (!text.endsWith("\n\n")) {
            return;
        }
        stream.reset();
        for (String frame : text.split("\n\n")) {
            List<String> fields = frame.lines().toList();
            if (fields.stream().anyMatch(field -> field.startsWith("data: "))) {
                seen.add(new Event(values(fields, "event: "), values(fields, "data: ")));
            }
        }
    }

    private static String values(List<String> fields, String name) {
        return fields.stream().filter(field -> field.startsWith(name)).map(field -> field.substring(name.length()))
                .collect(joining("\n"));
    }

    /** Returns the next event. Fails if it does not arrive in time. */
    Event next() throws InterruptedException {
        Event event = seen.poll(10, TimeUnit.SECONDS);
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    /** Returns the lines of the next events, until there are as many as requested. */
    List<String> lines(int count) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        while (lines.size() < count) {
            lines.addAll(List.of(next().data().split("\n", -1)));
        }
        return lines;
    }

    boolean isEmpty() {
        return seen.isEmpty();
    }

    @Override
    public void close() {
        hub.close();
    }
}
