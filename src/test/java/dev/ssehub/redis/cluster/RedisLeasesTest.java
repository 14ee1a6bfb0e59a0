package dev.ssehub.redis.cluster;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Leases.Lease;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the holder of a lease does, and what the others see. The tests move the clock of the nodes, except the last. */
class RedisLeasesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private RedisServer server;
    private Redis redis;
    private long now = Long.MAX_VALUE - 1;
    private RedisLeases one;
    private RedisLeases two;
    private Lease first;
    private Lease second;

    @BeforeEach
    void start() throws IOException {
        server = RedisServer.start();
        redis = new Redis(server.settings("leases"));
        one = node("one");
        two = node("two");
        first = one.open("task");
        second = two.open("task");
    }

    @AfterEach
    void stop() {
        redis.close();
        server.close();
    }

    private RedisLeases node(String name) {
        return new RedisLeases(arguments -> RedisLeases.run(redis, arguments), name, () -> now);
    }

    /** Lets time pass, and these nodes do what they do each second. */
    private void pass(int seconds, RedisLeases... nodes) {
        for (int i = 0; i < seconds; i++) {
            List.of(nodes).forEach(RedisLeases::renew);
            now += SECOND.toNanos();
        }
    }

    /** The first node gets the lease: there was none before. */
    private void firstHolds() {
        pass(6, one, two);
        assertThat(first.isHeld()).isTrue();
        assertThat(second.isHeld()).isFalse();
    }

    /** Another node may hold the lease, of which a new Redis knows nothing. */
    @Test
    void theFirstLeaseInANewRedisTakesAsLongAsThatOfADeadHolder() {
        pass(5, one);
        one.renew();
        assertThat(first.isHeld()).isFalse();
        now += RedisLeases.QUIET.toNanos();
        assertThat(first.isHeld()).isTrue();
    }

    @Test
    void theHolderKeepsTheLease() {
        firstHolds();
        for (int i = 0; i < 20; i++) {
            pass(1, two, one);
            assertThat(first.isHeld()).isTrue();
            assertThat(second.isHeld()).isFalse();
        }
    }

    @Test
    void aHolderThatStopsIsReplacedHalfASecondAfterTheOtherNodeHasLooked() {
        firstHolds();
        one.close();
        one.close();
        assertThat(first.isHeld()).isFalse();
        two.renew();
        assertThat(second.isHeld()).isFalse();
        now += RedisLeases.QUIET.toNanos();
        assertThat(second.isHeld()).isTrue();
    }

    /** A feed that a reload disables, on one node. */
    @Test
    void aClosedLeasePassesOnAndCanBeOpenedAgain() {
        firstHolds();
        assertThatIllegalStateException().isThrownBy(() -> one.open("task"));
        first.close();
        first.close();
        assertThat(first.isHeld()).isFalse();
        pass(2, one, two);
        assertThat(second.isHeld()).isTrue();

        Lease again = one.open("task");
        pass(10, one, two);
        assertThat(again.isHeld()).isFalse();
        second.close();
        pass(2, two, one);
        assertThat(again.isHeld()).isTrue();
    }

    @Test
    void aHolderThatHangsIsReplacedAndKnowsItWhenItGoesOn() {
        firstHolds();
        pass(3, two);
        assertThat(first.isHeld()).isTrue();
        pass(1, two);
        assertThat(first.isHeld()).isFalse();
        two.renew();
        assertThat(second.isHeld()).as("just taken").isFalse();
        now += RedisLeases.QUIET.toNanos();
        assertThat(second.isHeld()).isTrue();
        pass(10, one, two);
        assertThat(first.isHeld()).isFalse();
        assertThat(second.isHeld()).isTrue();
    }

    @Test
    void eachTaskHasItsOwnHolder() {
        Lease other = two.open("other");
        pass(6, one, two);
        assertThat(first.isHeld()).isTrue();
        assertThat(other.isHeld()).isTrue();
    }

    @Test
    void nobodyHoldsTheLeaseWhileRedisIsGone() throws Exception {
        try (LogCapture log = new LogCapture()) {
            firstHolds();
            server.kill();
            pass(3, one, two);
            assertThat(first.isHeld()).isTrue();
            assertThat(log.warnings()).isEmpty();
            pass(4, one, two);
            assertThat(first.isHeld()).isFalse();
            assertThat(second.isHeld()).isFalse();
            assertThat(log.warnings()).as("one of each node").hasSize(2).allSatisfy(line -> assertThat(line)
                    .startsWith("Redis gives no leases, so on all nodes, these feeds pause: task; "));

            server.restart();
            pass(6, two, one);
            assertThat(first.isHeld()).isFalse();
            assertThat(second.isHeld()).isTrue();
            assertThat(log.warnings()).hasSize(2);
        }
    }

    /** The holder has renewed its lease shortly before, so nobody may take it at once. */
    @Test
    void aRedisThatHasLostItsDataGivesNoLeaseThatMayBeHeld() throws Exception {
        firstHolds();
        one.renew();
        server.kill();
        server.restart();
        for (int i = 0; i < 5; i++) {
            pass(1, two);
            assertThat(second.isHeld()).isFalse();
        }
        assertThat(first.isHeld()).isFalse();
        pass(2, two);
        assertThat(second.isHeld()).isTrue();
    }

    /** As after a failover to a replica that lagged: in its data, the lease is still free. */
    @Test
    void oldDataDoesNotMakeALeaseFree() throws Exception {
        firstHolds();
        one.close();
        Map<String, String> free = redis.client().hgetAll(new Keys(redis).leases());
        pass(1, two);
        assertThat(second.isHeld()).isTrue();
        server.kill();
        server.restart();
        await().ignoreExceptions().until(() -> redis.client().hset(new Keys(redis).leases(), free) == 1); // a broken connection
        RedisLeases three = node("three");
        Lease third = three.open("task");
        for (int i = 0; i < 5; i++) {
            pass(1, three);
            assertThat(third.isHeld()).isFalse();
        }
        assertThat(second.isHeld()).isFalse();
        pass(2, three);
        assertThat(third.isHeld()).isTrue();
    }

    @Test
    void leavesNothingToDoWithoutATask() throws Exception {
        RedisLeases idle = node("idle");
        server.close();
        try (LogCapture log = new LogCapture()) {
            pass(10, idle);
            idle.close();
            assertThat(log.warnings()).isEmpty();
        }
    }

    /** With the threads and the clock that nodes have. */
    @Test
    void aNodeThatStopsIsReplaced() {
        firstHolds();
        one.close(); // so that nobody has to wait for five seconds
        try (RedisLeases three = RedisLeases.start(redis, "three"); RedisLeases four = RedisLeases.start(redis, "four")) {
            Map<RedisLeases, Lease> leases = Map.of(three, three.open("task"), four, four.open("task"));
            await().atMost(Duration.ofSeconds(20)).until(() -> leases.values().stream().anyMatch(Lease::isHeld));
            RedisLeases holder = leases.get(three).isHeld() ? three : four;
            RedisLeases other = holder == three ? four : three;
            holder.close();
            await().atMost(Duration.ofSeconds(20)).until(() -> leases.get(other).isHeld());
            assertThat(leases.get(holder).isHeld()).isFalse();
        }
    }
}
