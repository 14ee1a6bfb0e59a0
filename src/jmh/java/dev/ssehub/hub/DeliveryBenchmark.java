package dev.ssehub.hub;

import module java.base;
import dev.ssehub.event.Update;
import dev.ssehub.history.Limits;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import dev.ssehub.transport.LocalTransport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** From publish to the writer, for a thousand subscribers, without what the kernel takes: per delivery. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DeliveryBenchmark {
    private static final int SUBSCRIBERS = 1_000;
    private static final Duration NEVER = Duration.ofHours(1);

    /** How many events leave together. */
    @Param({"1", "10"})
    public int together;
    private final Queue<Subscriber> line = new ArrayDeque<>(SUBSCRIBERS);
    private final Update update = new Update("t", "x".repeat(100));
    private Hub hub;

    @Setup
    public void subscribe() {
        hub = new Hub(new HubSettings(NEVER, NEVER, new Mailbox.Limits(256, 1 << 20),
                new Limits(10_000, NEVER, 1 << 24)), new LocalTransport(InstantSource.system()),
                new Meters(), InstantSource.system());
        for (int i = 0; i < SUBSCRIBERS; i++) {
            hub.subscribe(new Subscription(List.of(TopicSelector.parse("t"))), line::add).drain(_ -> {}, () -> {});
        }
    }

    @TearDown
    public void close() {
        hub.close();
    }

    @Benchmark
    @OperationsPerInvocation(SUBSCRIBERS)
    public void offerAndDrain(Blackhole writer) {
        for (int i = 0; i < together; i++) {
            hub.publish(update);
        }
        for (Subscriber subscriber = line.poll(); subscriber != null; subscriber = line.poll()) {
            subscriber.drain(writer::consume, () -> {});
        }
    }
}
