package dev.ssehub.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SubscriberRegistryTest {

    /** A list that is gone through, as plainly as can be, is the model. */
    @Property
    void findsWhoSelectsATopicAndForgetsWhoIsGone(@ForAll("selectors") List<List<String>> wishes,
            @ForAll("topics") List<String> topics) {
        SubscriberRegistry registry = new SubscriberRegistry();
        List<Subscriber> subscribers = wishes.stream().map(SubscriberRegistryTest::subscriber).toList();
        subscribers.forEach(registry::add);
        assertThat(found(registry, topics)).isEqualTo(expected(subscribers, wishes, topics, 0));

        int half = subscribers.size() / 2;
        subscribers.subList(0, half).forEach(registry::remove);
        subscribers.subList(0, half).forEach(registry::remove);
        assertThat(found(registry, topics)).isEqualTo(expected(subscribers, wishes, topics, half));
        assertThat(registry.all()).containsExactlyInAnyOrderElementsOf(subscribers.subList(half, subscribers.size()));
    }

    /** Selectors are tried before the lock is taken, and subscribers come and go until it is. */
    @Property
    void findsAlsoWhoComesBetweenTheTrialAndTheDelivery(@ForAll("selectors") List<List<String>> before,
            @ForAll("selectors") List<List<String>> meanwhile, @ForAll("topics") List<String> topics) {
        SubscriberRegistry registry = new SubscriberRegistry();
        List<Subscriber> gone = before.stream().map(SubscriberRegistryTest::subscriber).toList();
        gone.forEach(registry::add);
        SubscriberRegistry.Matching matching = registry.match(topics);
        gone.forEach(registry::remove);
        List<Subscriber> come = meanwhile.stream().map(SubscriberRegistryTest::subscriber).toList();
        come.forEach(registry::add);

        Set<Subscriber> found = new HashSet<>();
        registry.forEach(matching, found::add);
        assertThat(found).isEqualTo(expected(come, meanwhile, topics, 0));
    }

    private static Set<Subscriber> found(SubscriberRegistry registry, List<String> topics) {
        Set<Subscriber> found = new HashSet<>();
        registry.forEach(registry.match(topics), found::add);
        return found;
    }

    private static Set<Subscriber> expected(List<Subscriber> subscribers, List<List<String>> wishes, List<String> topics,
            int from) {
        Set<Subscriber> expected = new HashSet<>();
        for (int i = from; i < subscribers.size(); i++) {
            if (wishes.get(i).stream().map(TopicSelector::parse)
                    .anyMatch(selector -> topics.stream().anyMatch(selector::matches))) {
                expected.add(subscribers.get(i));
            }
        }
        return expected;
    }

    @Provide
    Arbitrary<List<List<String>>> selectors() {
        return Arbitraries.of("a", "b", "a/1", "*", "a{/x}", "{x}", "{+x}1", "b{x}").list().ofMinSize(1).ofMaxSize(3).list()
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<String>> topics() {
        return Arbitraries.of("a", "b", "a/1", "b/1", "c").list().ofMinSize(1).ofMaxSize(3);
    }

    private static Subscriber subscriber(List<String> selectors) {
        Subscription subscription = new Subscription(selectors.stream().map(TopicSelector::parse).toList());
        return new Subscriber(null, subscription, new Mailbox(new HubSettings.MailboxLimits(1, 1)), _ -> {}, () -> 0);
    }
}
