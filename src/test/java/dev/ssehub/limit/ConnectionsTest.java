package dev.ssehub.limit;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.limit.Connections.Answer;
import dev.ssehub.limit.Connections.Place;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.server.LogCapture;
import dev.ssehub.server.TestSettings;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.topic.TopicSelector;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private static final String PROXY = "10.0.0.1";

    private static final Logger LOGGERS = Logger.getLogger("dev.ssehub.limit");

    private LogCapture log;

    @BeforeEach
    void listen() {
        log = new LogCapture();
    }

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    void usesTheLowerOfTheConfiguredAndThePossibleLimitAndWarnsIfTheConfiguredOneIsTooHigh() {
        assertThat(connections(0, 10, 5000).max()).isEqualTo(5000);
        assertThat(connections(100, 10, 5000).max()).isEqualTo(100);
        assertThat(log.warnings()).isEmpty();
        assertThat(connections(9000, 10, 5000).max()).isEqualTo(5000);
        assertThat(log.warnings()).singleElement().asString().startsWith("sse-hub.limits.max-connections is 9000, but")
                .endsWith("allow only 5000, which is the limit now");
    }

    @Test
    void reservesATwentiethOfTheConnectionsButAtLeastEightAndAtMostHalf() {
        assertThat(streamsThatFit(1000)).isEqualTo(950);
        assertThat(streamsThatFit(100)).isEqualTo(92);
        assertThat(streamsThatFit(10)).isEqualTo(5);
        assertThat(streamsThatFit(1)).isEqualTo(1);
    }

    @Test
    void aBudgetWarnsAgainOnlyAfterAMinuteAndAfterATenthHasBeenFree() {
        AtomicLong clock = new AtomicLong();
        Budget budget = new Budget(20, () -> "full", clock::get);
        budget.takeAnyway(20);
        assertThat(log.warnings()).containsExactly("full");
        assertThat(budget.take(1)).isFalse();

        budget.giveBack(2);
        budget.takeAnyway(2);
        assertThat(log.warnings()).as("a tenth was free, but a minute has not passed").hasSize(1);

        clock.addAndGet(Duration.ofMinutes(1).toNanos());
        budget.giveBack(1);
        budget.takeAnyway(1);
        assertThat(log.warnings()).as("less than a tenth was free").hasSize(1);

        budget.giveBack(2);
        budget.takeAnyway(2);
        assertThat(log.warnings()).hasSize(2);
    }

    @Test
    void connectionsAreScarceWhenMoreThanHalfOfTheReserveIsInUse() {
        Connections connections = connections(100, 1000, 5000);
        List<Place> places = enter(connections, "1.1.1.1", 96);
        assertThat(places.getFirst().isScarce()).isFalse();
        places.addAll(enter(connections, "1.1.1.1", 1));
        assertThat(places.getFirst().isScarce()).isTrue();
        places.removeLast().close();
        assertThat(places.getFirst().isScarce()).isFalse();
    }

    @Test
    void anAddressAtItsLimitGetsAFewSurplusConnectionsAndOtherAddressesAreNotAffected() {
        Connections connections = connections(0, 20, 5000);
        List<Place> places = enter(connections, "1.1.1.1", 20);
        assertThat(log.warnings()).isEmpty();
        List<Place> surplus = enter(connections, "1.1.1.1", 16);
        assertThat(log.warnings()).singleElement().asString().contains("1.1.1.1", "20", "sse-hub.limits.trusted-proxies");
        assertThat(connections.enter(InetAddress.ofLiteral("1.1.1.1"))).isNull();
        assertThat(connections.count()).isEqualTo(36);

        assertThat(places).allSatisfy(place -> assertThat(open(place)).isEqualTo(Answer.YES));
        assertThat(surplus).allSatisfy(place -> {
            assertThat(place.isScarce()).isTrue();
            assertThat(open(place)).isEqualTo(Answer.CONNECTIONS_PER_ADDRESS);
        });
        assertThat(open(enter(connections, "1.1.1.2", 1).getFirst())).isEqualTo(Answer.YES);

        places.removeLast().close();
        assertThat(open(surplus.getFirst())).as("a connection within the limit has ended").isEqualTo(Answer.YES);
        assertThat(surplus.getFirst().isScarce()).isFalse();
        enter(connections, "1.1.1.1", 1);
        assertThat(log.warnings()).as("the warning was logged before").hasSize(1);

        places.removeLast().close();
        places.removeLast().close();
        places.removeLast().close();
        surplus.getLast().close();
        enter(connections, "1.1.1.1", 4);
        assertThat(log.warnings()).as("one warning a minute, however many connections come and go").hasSize(1);
    }

    @Test
    void theAddressesOfOneIpv6NetworkCountAsOneAddress() {
        Connections connections = connections(0, 1, 5000);
        enter(connections, "2001:db8::1", 1);
        assertThat(open(enter(connections, "2001:db8::2", 1).getFirst())).isEqualTo(Answer.CONNECTIONS_PER_ADDRESS);
        assertThat(open(enter(connections, "2001:db8:0:1::2", 1).getFirst())).isEqualTo(Answer.YES);
        assertThat(log.warnings()).singleElement().asString().startsWith("2001:db8:0:0:0:0:0:0/64 has 1 connections");
    }

    @Test
    void theStreamsOfATrustedProxyCountForTheClientsThatItNames() {
        Connections connections = connections(0, 2, 5000);
        List<Place> places = enter(connections, PROXY, 100);
        assertThat(connections.addresses()).isZero();
        assertThat(open(places.get(0), "1.1.1.1")).isEqualTo(Answer.YES);
        assertThat(open(places.get(1), "1.1.1.1")).isEqualTo(Answer.YES);
        assertThat(open(places.get(2), "1.1.1.1")).isEqualTo(Answer.CONNECTIONS_PER_ADDRESS);
        assertThat(open(places.get(2), "1.1.1.2")).isEqualTo(Answer.YES);
        assertThat(log.warnings()).singleElement().asString().startsWith("1.1.1.1 has 2 connections");
        assertThat(connections.streams()).isEqualTo(3);

        places.get(1).close();
        assertThat(open(places.get(4), "1.1.1.1")).isEqualTo(Answer.YES);
    }

    @Test
    void theStreamsOfATrustedProxyThatNamesNoClientCountForItsOwnAddress() {
        Connections connections = connections(0, 2, 5000);
        List<Place> places = enter(connections, PROXY, 100);
        assertThat(open(places.get(0))).isEqualTo(Answer.YES);
        assertThat(open(places.get(1), "unknown")).isEqualTo(Answer.YES);
        assertThat(open(places.get(2))).isEqualTo(Answer.CONNECTIONS_PER_ADDRESS);
        assertThat(open(places.get(3), "1.1.1.1")).isEqualTo(Answer.YES);
        assertThat(places.get(2).isScarce()).as("only the streams of a proxy are counted per address").isFalse();

        places.get(0).close();
        assertThat(open(places.get(2))).isEqualTo(Answer.YES);
    }

    @Test
    void everyRefusedStreamAndEveryClosedConnectionIsCountedForItsLimit() {
        List<Limit> reached = new ArrayList<>();
        TestSettings settings = new TestSettings();
        settings.maxConnections = 2;
        settings.maxConnectionsPerAddress = 1;
        Connections connections = new Connections(settings.build().limits(), new ProcessLimits(5000, 1L << 40, 16_384),
                new NoMetrics() {
                    @Override
                    public void reached(Limit limit) {
                        reached.add(limit);
                    }
                });
        Place place = enter(connections, "1.1.1.1", 1).getFirst();
        assertThat(open(place)).isEqualTo(Answer.YES);
        assertThat(reached).isEmpty();
        assertThat(open(enter(connections, "1.1.1.2", 1).getFirst())).isEqualTo(Answer.CONNECTIONS);
        assertThat(reached).containsExactly(Limit.CONNECTIONS);

        reached.clear();
        assertThat(open(enter(connections, "1.1.1.1", 16).getFirst())).isEqualTo(Answer.CONNECTIONS_PER_ADDRESS);
        assertThat(reached).containsExactly(Limit.CONNECTIONS_PER_ADDRESS);
        assertThat(connections.enter(InetAddress.ofLiteral("1.1.1.1"))).isNull();
        assertThat(reached).containsExactly(Limit.CONNECTIONS_PER_ADDRESS, Limit.CONNECTIONS_PER_ADDRESS);

        reached.clear();
        place.closedBy(null);
        assertThat(reached).isEmpty();
        place.closedBy(Limit.REQUEST_TIME);
        assertThat(reached).containsExactly(Limit.REQUEST_TIME);
    }

    @Test
    void aConnectionThatOpensAnotherStreamIsCountedOnce() {
        Connections connections = connections(0, 1, 5000);
        Place place = enter(connections, PROXY, 1).getFirst();
        assertThat(open(place, "1.1.1.1")).isEqualTo(Answer.YES);
        assertThat(open(place, "1.1.1.1")).isEqualTo(Answer.YES);
        assertThat(open(place, "1.1.1.2")).isEqualTo(Answer.YES);
        assertThat(connections.streams()).isEqualTo(1);
        assertThat(connections.addresses()).isEqualTo(1);
    }

    @Property(tries = 300)
    void anyScheduleKeepsWithinTheLimitsAndLeavesNothingBehind(
            @ForAll @Size(max = 200) List<@IntRange(max = 99) Integer> schedule) {
        LOGGERS.setLevel(Level.OFF);
        try {
            follow(schedule);
        } finally {
            LOGGERS.setLevel(null);
        }
    }

    private static void follow(List<Integer> schedule) {
        Connections connections = connections(40, 5, new ProcessLimits(5000, 25 * 100, 100));
        List<Place> places = new ArrayList<>();
        for (int step : schedule) {
            String address = "1.1.1." + step % 3;
            if (step < 50 && places.size() < 40) { // the maximum that Helidon accepts
                add(places, connections.enter(InetAddress.ofLiteral(step % 7 == 0 ? PROXY : address)));
            } else if (!places.isEmpty() && step < 80) {
                Place place = places.get(step % places.size());
                place.openStream(place.client(List.of(address)),
                        subscription(Collections.nCopies(step % 4, TopicSelector.parse("x"))));
            } else if (!places.isEmpty()) {
                places.remove(step % places.size()).close();
            }
            assertThat(connections.count()).isEqualTo(places.size()).isLessThanOrEqualTo(40);
            assertThat(connections.streams()).isLessThanOrEqualTo(25);
            assertThat(connections.addresses()).isLessThanOrEqualTo(3);
        }
        places.forEach(Place::close);
        assertThat(connections.count()).isZero();
        assertThat(connections.streams()).isZero();
        assertThat(connections.addresses()).isZero();
        assertThat(connections.memoryLeft()).isEqualTo(25 * 100);
    }

    /** Measured: 500 distinct names take 85 KB, and 20 templates take 12 KB. */
    @Test
    void aStreamWithManyTopicsTakesTheMemoryOfSeveralStreams() {
        StreamCost cost = new StreamCost(16_384);
        Connections connections = connections(0, 1_000_000, new ProcessLimits(5000, 200_000, 16_384));
        List<Place> places = enter(connections, "1.1.1.1", 20);
        List<TopicSelector> names = IntStream.range(0, 500).mapToObj(i -> TopicSelector.parse("t/" + i)).toList();
        List<TopicSelector> templates = IntStream.range(0, 20).mapToObj(i -> TopicSelector.parse("/t/" + i + "/{id}")).toList();
        ClientAddress client = places.getFirst().client(List.of());

        assertThat(cost.of(subscription(names))).isBetween(16_384 + 85_000L, 16_384 + 110_000L);
        assertThat(cost.of(subscription(templates))).isBetween(16_384 + 12_000L, 16_384 + 40_000L);
        assertThat(cost.of(new Subscription(names.subList(0, 1), new Permission(names, null), null, true, false, true)))
                .as("the selectors that a token grants take memory, too").isGreaterThan(16_384 + 85_000L);
        assertThat(places.get(0).openStream(client, subscription(names))).isEqualTo(Answer.YES);
        assertThat(places.get(1).openStream(client, subscription(names))).isEqualTo(Answer.MEMORY);
        assertThat(places.get(2).openStream(client, subscription(List.of()))).isEqualTo(Answer.YES);
        assertThat(connections.streams()).isEqualTo(2);
        places.get(0).close();
        assertThat(places.get(1).openStream(client, subscription(names))).isEqualTo(Answer.YES);
    }

    /** Otherwise, two addresses could take the memory of all streams. */
    @Test
    void aStreamWithManyTopicsCountsAsSeveralConnectionsOfItsAddress() {
        Connections connections = connections(0, 40, new ProcessLimits(5000, 1L << 30, 16_384));
        Subscription fat = subscription(IntStream.range(0, 500).mapToObj(i -> TopicSelector.parse("topic/" + i)).toList());
        List<Place> direct = enter(connections, "1.1.1.1", 30);
        List<Place> proxied = enter(connections, PROXY, 30);
        for (List<Place> places : List.of(direct, proxied)) {
            List<Place> open = places.stream()
                    .filter(place -> place.openStream(place.client(List.of("1.1.1.2")), fat) == Answer.YES)
                    .toList();
            assertThat(open.size()).as("each counts as four, but an address may always have ten").isBetween(3, 10);
            open.forEach(Place::closeStream);
            assertThat(places.stream().filter(place -> place.openStream(place.client(List.of("1.1.1.2")), fat) == Answer.YES))
                    .as("closing the streams gave everything back").hasSameSizeAs(open);
            places.forEach(Place::close);
        }
        assertThat(connections.addresses()).isZero();
    }

    private static Subscription subscription(List<TopicSelector> selectors) {
        return new Subscription(selectors, new Permission(List.of(), null), null, true, false, true);
    }

    private static int streamsThatFit(int connections) {
        return (int) enter(connections(connections, 1_000_000, 5000), "1.1.1.1", connections).stream()
                .filter(place -> open(place) == Answer.YES).count();
    }

    private static Connections connections(int configured, int perAddress, int possible) {
        return connections(configured, perAddress, new ProcessLimits(possible, 1L << 40, 16_384));
    }

    private static Connections connections(int configured, int perAddress, ProcessLimits process) {
        TestSettings settings = new TestSettings();
        settings.maxConnections = configured;
        settings.maxConnectionsPerAddress = perAddress;
        settings.trustedProxies = List.of(AddressRange.parse("10.0.0.0/8"));
        return new Connections(settings.build().limits(), process, new NoMetrics());
    }

    private static List<Place> enter(Connections connections, String address, int number) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            places.add(Objects.requireNonNull(connections.enter(InetAddress.ofLiteral(address))));
        }
        return places;
    }

    private static void add(List<Place> places, @Nullable Place place) {
        if (place != null) {
            places.add(place);
        }
    }

    private static Answer open(Place place, String... forwardedFor) {
        return place.openStream(place.client(List.of(forwardedFor)), subscription(List.of()));
    }
}
