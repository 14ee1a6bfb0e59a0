package dev.ssehub.hub;

import module java.base;
import dev.ssehub.metrics.Meters;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What an event costs to find its subscribers by two templates of each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MatchBenchmark {
    @Param({"100", "1000", "10000"})
    public int subscribers;
    private final SubscriberRegistry registry = new SubscriberRegistry();
    private final List<String> topics = List.of("/users/42/orders/7");
    private final TopicSelector template = TopicSelector.parse("/users/{user}/orders/{order}");

    @Setup
    public void subscribe() {
        Mailbox.Limits one = new Mailbox.Limits(1, 1);
        for (int i = 0; i < subscribers; i++) {
            Subscription subscription = new Subscription(List.of(TopicSelector.parse("/users/" + i + "/orders/{order}"),
                    TopicSelector.parse("/rooms/{room}/of/" + i)));
            registry.add(new Subscriber(subscription, new Mailbox(one), _ -> {}, _ -> null, new Meters(), () -> 0));
        }
    }

    @Benchmark
    public Object allTemplates() {
        return registry.match(topics, MatchWork.limited());
    }

    @Benchmark
    public boolean oneTemplate() {
        return template.matches("/users/42/orders/7");
    }
}
