package dev.ssehub.hub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.history.Limits;
import dev.ssehub.history.memory.MemoryHistory;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.subscriber.Mailbox;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

class SubscriberRegistryTest {
    /** A few pieces only, so that templates have common beginnings and ends, overlap, and match topics. */
    private static final Arbitrary<String> LITERALS = Arbitraries.of("a", "/", "/a", "a/", "aa", "x=", "\u00e9", "%c3%a9",
            "%C3%A9");
    private static final Runnable NO_WAIT = () -> {};
    private static final List<String> OWN_TEXTS = List.of("{x}", "a{x}", "/{x}", "%c3%a9{/y}");

    /** The model tries each selector of a list. */
    @Property
    void findsTheSubscribersOfATopicUntilTheyAreRemoved(@ForAll("selectors") List<List<String>> wishes,
            @ForAll("topics") List<String> topics) {
        SubscriberRegistry registry = new SubscriberRegistry();
        List<Subscriber> subscribers = wishes.stream().map(SubscriberRegistryTest::subscriber).toList();
        subscribers.forEach(registry::add);
        Set<Subscriber> expected = expected(subscribers, wishes, topics, 0);
        assertThat(found(registry, topics)).isEqualTo(expected);
        Statistics.collect(expected.isEmpty() ? "nobody" : expected.size() < subscribers.size() ? "some" : "all");
        Statistics.coverage(coverage -> coverage.check("some").percentage(percentage -> percentage > 40));

        int half = subscribers.size() / 2;
        subscribers.subList(0, half).forEach(registry::remove);
        subscribers.subList(0, half).forEach(registry::remove);
        assertThat(found(registry, topics)).isEqualTo(expected(subscribers, wishes, topics, half));
        assertThat(registry.all()).containsExactlyInAnyOrderElementsOf(subscribers.subList(half, subscribers.size()));

        subscribers.subList(0, half).forEach(registry::add);
        assertThat(found(registry, topics)).isEqualTo(expected);
        assertThat(registry.isEmpty()).isEqualTo(subscribers.isEmpty());
        subscribers.forEach(registry::remove);
        assertThat(registry.isEmpty()).isTrue();
    }

    /** Templates are tried without the hub's lock. Subscribers can be added and removed before the lock is taken. */
    @Property
    void findsSubscribersThatAreAddedBetweenMatchAndDelivery(@ForAll("selectors") List<List<String>> before,
            @ForAll("selectors") List<List<String>> meanwhile, @ForAll("topics") List<String> topics) {
        SubscriberRegistry registry = new SubscriberRegistry();
        List<Subscriber> first = before.stream().map(SubscriberRegistryTest::subscriber).toList();
        first.forEach(registry::add);
        SubscriberRegistry.Matching matching = registry.match(topics, NO_WAIT);
        int half = first.size() / 2;
        first.subList(0, half).forEach(registry::remove);
        List<Subscriber> come = meanwhile.stream().map(SubscriberRegistryTest::subscriber).toList();
        come.forEach(registry::add);

        Set<Subscriber> expected = expected(come, meanwhile, topics, 0);
        expected.addAll(expected(first, before, topics, half));
        assertThat(found(registry, matching)).isEqualTo(expected);
    }

    /** A long match must not leave many templates to the delivery, which holds the hub's lock. */
    @Example
    void aMatchAlsoTriesTheTemplatesThatAreAddedMeanwhile() {
        SubscriberRegistry registry = new SubscriberRegistry();
        registry.add(subscriber(List.of("/a/{x}")));
        Iterator<String> come = List.of("/a/{x}/b", "/a/{+x}", "/{a}/{b}").iterator();
        SubscriberRegistry.Matching matching = registry.match(List.of("/a/1"), () -> {
            if (come.hasNext()) {
                registry.add(subscriber(List.of(come.next())));
            }
        });
        assertThat(matching.templatesAdded()).isEqualTo(4);
        assertThat(found(registry, matching)).hasSize(3);
    }

    /** The delivery finds all registered subscribers, although others are added and removed during the match. */
    @Example
    void findsAllSubscribersWhileOthersAreAddedAndRemoved() {
        SubscriberRegistry registry = new SubscriberRegistry();
        ReentrantLock lock = new ReentrantLock();
        Set<Subscriber> present = new HashSet<>();
        List<String> topics = List.of("/a/1", "/a/1/b");
        CompletableFuture<Void> changes = CompletableFuture.runAsync(() -> {
            List<Subscriber> subscribers = IntStream.range(0, 40)
                    .mapToObj(i -> subscriber(List.of("/a/{x}" + (i % 2 == 0 ? "" : "/b") + "{?q" + i + "}"))).toList();
            Random random = new Random();
            for (int i = 0; i < 100_000; i++) {
                Subscriber subscriber = subscribers.get(random.nextInt(subscribers.size()));
                locked(lock, () -> {
                    if (present.remove(subscriber)) {
                        registry.remove(subscriber);
                    } else {
                        registry.add(subscriber);
                        present.add(subscriber);
                    }
                });
            }
            locked(lock, () -> present.removeIf(subscriber -> {
                registry.remove(subscriber);
                return true;
            }));
        });
        int rounds = 0;
        while (!changes.isDone() || rounds == 0) {
            SubscriberRegistry.Matching matching = registry.match(topics, NO_WAIT);
            locked(lock, () -> assertThat(found(registry, matching)).isEqualTo(present));
            rounds++;
        }
        changes.join();
        assertThat(registry.isEmpty()).isTrue();
    }

    @Example
    void anEventTouchesOnlyTheSubscriberOfItsTopic() {
        for (int subscribers : List.of(100, 1_000, 10_000)) {
            assertCost(subscribers, 0, "topic-00042", "topic-%05d", "other-%05d");
        }
    }

    /** The number of tried template parts is the same for 100, 1,000 and 10,000 subscribers. */
    @Example
    void theCostOfAnEventDoesNotDependOnTheNumberOfTemplates() {
        for (int subscribers : List.of(100, 1_000, 10_000)) {
            // the templates differ at the beginning: one look-up for each length
            assertCost(subscribers, 2, "/users/00042/x", "/users/%05d/{thing}", "/users/%05d/inbox{/path*}");
            assertCost(subscribers, 4, "/users/00042/inbox/1", "/users/%05d/{thing}", "/users/%05d/inbox{/path*}");
            assertCost(subscribers, 4, "https://a.example/u/00042/books", "https://a.example/u/%05d/{+path}",
                    "https://a.example/u/%05d{?topic}");
            // they differ at the end or between expressions: one look-up for each position where the preceding expression can end
            assertCost(subscribers, 9, "https://host/00042", "{scheme}://host/%05d", "/books/{id}/reader-%05d");
            assertCost(subscribers, 7, "/books/1/reader-00042", "{scheme}://host/%05d", "/books/{id}/reader-%05d");
            assertCost(subscribers, 12, "/t/acme/u/00042", "/t/{tenant}/u/%05d{?q}", "/t/{tenant}/u/%05d/{x}");
            assertCost(subscribers, 23, "https://host/users/00042/x", "https://{host}/users/%05d/{x}", "{+base}/rooms/%05d/{x}");
            assertCost(subscribers, 10, "/base/rooms/00042/x", "https://{host}/users/%05d/{x}", "{+base}/rooms/%05d/{x}");
        }
    }

    /** Templates whose variable names make no difference, or whose normal forms are equal, share their parts. */
    @Example
    void equivalentTemplatesAreTriedOnce() {
        SubscriberRegistry registry = new SubscriberRegistry();
        for (int i = 0; i < 1_000; i++) {
            registry.add(subscriber(List.of("/caf\u00e9/{a" + i + "}", "/caf%c3%a9/{a" + i + "*}")));
        }
        SubscriberRegistry.Matching matching = registry.match(List.of("/caf%C3%A9/1"), NO_WAIT);
        assertThat(matching.tried()).isEqualTo(3);
        assertThat(found(registry, matching)).hasSize(1_000);
    }

    /** The worst case has literals of every length at every position. */
    @Example
    void aSearchCostsAtMostAsMuchAsTryingAllTemplates() {
        SubscriberRegistry registry = new SubscriberRegistry();
        for (int i = 1; i <= 1_000; i++) {
            registry.add(subscriber(List.of("{+x}" + "b".repeat(i))));
        }
        assertThat(registry.match(List.of("a".repeat(1_000)), NO_WAIT).tried()).isEqualTo(1 + 1_000);
    }

    /** Each subscriber has both templates with its own number. Only one of all templates selects the topic. */
    private static void assertCost(int subscribers, int tried, String topic, String... formats) {
        SubscriberRegistry registry = new SubscriberRegistry();
        for (int i = 0; i < subscribers; i++) {
            int number = i;
            registry.add(subscriber(Stream.of(formats).map(format -> format.formatted(number)).toList()));
        }
        SubscriberRegistry.Matching matching = registry.match(List.of(topic), NO_WAIT);
        List<Subscriber> touched = new ArrayList<>();
        registry.forEach(matching, touched::add);
        assertThat(touched).hasSize(1);
        assertThat(matching.tried()).as("%d subscribers, %s", subscribers, topic).isEqualTo(tried);
    }

    private static void locked(ReentrantLock lock, Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    private static Set<Subscriber> found(SubscriberRegistry registry, List<String> topics) {
        return found(registry, registry.match(topics, NO_WAIT));
    }

    private static Set<Subscriber> found(SubscriberRegistry registry, SubscriberRegistry.Matching matching) {
        Set<Subscriber> found = new HashSet<>();
        registry.forEach(matching, found::add);
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
        Arbitrary<String> variable = Combinators.combine(Arbitraries.of("x", "y"), Arbitraries.of("", "", "*", ":1"))
                .as(String::concat);
        Arbitrary<String> expression = Combinators
                .combine(Arbitraries.of("", "+", "#", ".", "/", ";", "?", "&"), variable.list().ofMinSize(1).ofMaxSize(2))
                .as((operator, variables) -> "{" + operator + String.join(",", variables) + "}");
        Arbitrary<String> pieces = Arbitraries.oneOf(expression, LITERALS).list().ofMinSize(1).ofMaxSize(4)
                .map(list -> String.join("", list));
        Arbitrary<String> selector = Arbitraries.frequencyOf(Tuple.of(12, pieces), Tuple.of(2, Arbitraries.of(OWN_TEXTS)),
                Tuple.of(1, Arbitraries.just("*")));
        return selector.list().ofMinSize(1).ofMaxSize(3).list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<String>> topics() {
        Arbitrary<String> values = Arbitraries.of("1", ",", "#1", ".a", "/1", ";x", ";y=1", "?x=1", "?y=", "&x=1", "&a=1", "%41");
        Arbitrary<String> pieces = Arbitraries.oneOf(LITERALS, values).list().ofMinSize(1).ofMaxSize(4)
                .map(list -> String.join("", list));
        return Arbitraries.frequencyOf(Tuple.of(6, pieces), Tuple.of(1, Arbitraries.of(OWN_TEXTS)),
                Tuple.of(1, Arbitraries.just("*"))).list().ofMinSize(1).ofMaxSize(3);
    }

    private static Subscriber subscriber(List<String> selectors) {
        Subscription subscription = new Subscription(selectors.stream().map(TopicSelector::parse).toList());
        return new Subscriber(subscription, new Mailbox(new Mailbox.Limits(1, 1), new Mailbox.Memory(1)), _ -> {},
                new MemoryHistory(new Limits(0, Duration.ZERO, 0), () -> 0), new NoMetrics(), () -> 0,
                InstantSource.system());
    }
}
