package dev.ssehub.redis.cluster;

import module java.base;
import module java.logging;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.cluster.Leases.Lease;
import dev.ssehub.redis.Redis;
import dev.ssehub.redis.RedisServer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Whatever happens to the nodes, to their commands and to Redis, a lease never has two holders, and soon has one again. */
class LeaseSchedulesTest {
    private static final int NODES = 3;
    private static final long MILLISECOND = 1_000_000;
    private static final int SAMPLE_MILLIS = 100;
    /** The Redis servers, one after another: when a server fails, the next one replaces it. */
    private static final List<RedisServer> SERVERS = new ArrayList<>();
    private static final List<Redis> RUNS = new ArrayList<>();

    /** Held, so that its level stays. */
    private static final Logger LOG = Logger.getLogger(RedisLeases.class.getName());

    private static int handOvers;

    /** What happens to a command and its answer. */
    private enum Fate {
        ARRIVES, NEVER_ARRIVES, ARRIVES_LATE, ANSWER_IS_LOST
    }

    /** What Redis has after it has failed. */
    private enum Rest {
        ALL, OLD_DATA, NOTHING
    }

    private sealed interface Step {}

    /** The next steps happen while the command is on its way to Redis, and while the answer is on its way to the node. */
    private record Renew(int node, Fate fate, int toRedis, int toNode) implements Step {}

    /** Nothing happens for some seconds, except that one node, if there is one of this number, hangs. */
    private record Quiet(int seconds, int frozen) implements Step {}

    private record Pass(int millis) implements Step {}

    private record Fail(Rest rest, boolean sameRun) implements Step {}

    private record Save() implements Step {}

    private record LateArrival() implements Step {}

    private record Restart(int node, boolean stops) implements Step {}

    private record Toggle(int node) implements Step {}

    @BeforeContainer
    static void start() throws IOException {
        LOG.setLevel(Level.OFF); // thousands of lines
        for (int i = 0; i < 4; i++) {
            RedisServer server = RedisServer.start();
            SERVERS.add(server);
            RUNS.add(new Redis(server.settings("leases")));
        }
    }

    @AfterContainer
    static void stop() {
        RUNS.forEach(Redis::close);
        SERVERS.forEach(RedisServer::close);
        LOG.setLevel(null);
        assertThat(handOvers).as("hand-overs").isGreaterThan(100);
    }

    @Provide
    static Arbitrary<List<Step>> schedules() {
        Arbitrary<Integer> nodes = Arbitraries.integers().between(0, NODES - 1);
        Arbitrary<Integer> delays = Arbitraries.frequencyOf(Tuple.of(5, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.integers().between(1, 8)));
        Arbitrary<Fate> fates = Arbitraries.frequency(Tuple.of(10, Fate.ARRIVES), Tuple.of(1, Fate.NEVER_ARRIVES),
                Tuple.of(1, Fate.ARRIVES_LATE), Tuple.of(1, Fate.ANSWER_IS_LOST));
        Arbitrary<Step> renewals = Combinators.combine(nodes, fates, delays, delays).as(Renew::new);
        return Arbitraries.frequencyOf(Tuple.of(10, renewals),
                Tuple.of(10, Combinators.combine(Arbitraries.integers().between(1, 7), Arbitraries.integers().between(0, NODES))
                        .as(Quiet::new)),
                Tuple.of(5, Arbitraries.integers().between(1, 1_500).map(Pass::new)),
                Tuple.of(1, Arbitraries.integers().between(1_500, 6_000).map(Pass::new)),
                Tuple.of(2, Combinators.combine(Arbitraries.of(Rest.class), Arbitraries.of(true, false)).as(Fail::new)),
                Tuple.of(2, Arbitraries.create(Save::new)), Tuple.of(1, Arbitraries.create(LateArrival::new)),
                Tuple.of(2, Combinators.combine(nodes, Arbitraries.of(true, false)).as(Restart::new)),
                Tuple.of(2, nodes.map(Toggle::new))).list().ofMinSize(10).ofMaxSize(40);
    }

    @Property(tries = 1_000, shrinking = ShrinkingMode.BOUNDED)
    void neverHasTwoHolders(@ForAll("schedules") List<Step> schedule) {
        World world = new World(schedule);
        while (world.takeNext()) {
            // until the end of the schedule
        }
        world.end();
    }

    /** Some nodes, their clock, which only tests move, and Redis. */
    private static final class World {
        private final Iterator<Step> schedule;
        private final List<Node> nodes = new ArrayList<>();
        private final Queue<Runnable> late = new ArrayDeque<>();
        private Map<String, String> saved = Map.of();
        private int run;
        private long now = ThreadLocalRandom.current().nextLong();
        private @Nullable Node lastHolder;
        private long lastHeld;

        World(List<Step> schedule) {
            this.schedule = schedule.iterator();
            RUNS.forEach(redis -> redis.client().flushAll());
            for (int i = 0; i < NODES; i++) {
                nodes.add(new Node(i));
            }
        }

        private final class Node {
            private final int number;
            private int starts;
            private RedisLeases leases;
            private @Nullable Lease lease;
            /** The renewal on its way; a thread has only one. */
            private @Nullable Renew current;

            Node(int number) {
                this.number = number;
                restart();
            }

            void restart() {
                leases = new RedisLeases(this::ask, "node" + number + "-" + ++starts, () -> now);
                lease = leases.open("task");
            }

            void renew(Renew how) {
                if (current == null) {
                    current = how;
                    leases.renew();
                    current = null;
                }
            }

            private List<String> ask(List<String> arguments) {
                Renew how = Objects.requireNonNullElse(current, new Renew(number, Fate.ARRIVES, 0, 0));
                takeNext(how.toRedis());
                int sentTo = run;
                List<String> answer = List.of();
                if (how.fate() == Fate.ARRIVES || how.fate() == Fate.ANSWER_IS_LOST) {
                    answer = RedisLeases.run(RUNS.get(run), arguments);
                } else if (how.fate() == Fate.ARRIVES_LATE) {
                    late.add(() -> {
                        if (run == sentTo) {
                            RedisLeases.run(RUNS.get(run), arguments);
                        }
                    });
                }
                takeNext(how.toNode());
                if (how.fate() != Fate.ARRIVES) {
                    throw new JedisConnectionException("no answer");
                }
                return answer;
            }

            boolean holds() {
                return lease != null && lease.isHeld();
            }

            void toggle() {
                if (lease != null) {
                    lease.close();
                    lease = null;
                } else {
                    lease = leases.open("task");
                }
            }
        }

        private void takeNext(int steps) {
            for (int i = 0; i < steps; i++) {
                takeNext();
            }
        }

        /** Returns whether there was a step left. */
        boolean takeNext() {
            if (!schedule.hasNext()) {
                return false;
            }
            switch (schedule.next()) {
                case Renew renewal -> nodes.get(renewal.node()).renew(renewal);
                case Quiet(int seconds, int frozen) -> goOn(seconds, frozen);
                case Pass(int millis) -> pass(millis);
                case Fail(Rest rest, boolean sameRun) -> fail(rest, sameRun);
                case Save() -> saved = RUNS.get(run).client().hgetAll(key());
                case LateArrival() -> Optional.ofNullable(late.poll()).ifPresent(Runnable::run);
                case Restart(int node, boolean stops) -> {
                    if (stops) {
                        nodes.get(node).leases.close();
                    }
                    nodes.get(node).restart();
                }
                case Toggle(int node) -> nodes.get(node).toggle();
            }
            look();
            return true;
        }

        private static String key() {
            return new Keys(RUNS.getFirst()).leases();
        }

        /** Only in the same run, all data or nothing is left. */
        private void fail(Rest rest, boolean sameRun) {
            Map<String, String> data = RUNS.get(run).client().hgetAll(key());
            if (!sameRun && run + 1 < RUNS.size()) {
                run++;
            } else if (rest == Rest.OLD_DATA) {
                return;
            }
            Map<String, String> left = rest == Rest.ALL ? data : rest == Rest.OLD_DATA ? saved : Map.of();
            RUNS.get(run).client().del(key());
            if (!left.isEmpty()) {
                RUNS.get(run).client().hset(key(), left);
            }
        }

        private void pass(int millis) {
            for (int left = millis; left > 0; left -= SAMPLE_MILLIS) {
                now += Math.min(left, SAMPLE_MILLIS) * MILLISECOND;
                look();
            }
        }

        private void look() {
            List<Node> holders = nodes.stream().filter(Node::holds).toList();
            assertThat(holders).hasSizeLessThanOrEqualTo(1);
            for (Node holder : holders) {
                if (lastHolder != null && holder != lastHolder) {
                    handOvers++;
                    assertThat(now - lastHeld).isGreaterThanOrEqualTo(RedisLeases.QUIET.toNanos());
                }
                lastHolder = holder;
                lastHeld = now;
            }
        }

        private void goOn(int seconds, int frozen) {
            for (int i = 0; i < seconds; i++) {
                nodes.stream().filter(node -> node.number != frozen)
                        .forEach(node -> node.renew(new Renew(node.number, Fate.ARRIVES, 0, 0)));
                pass(1_000);
            }
        }

        /** When nothing happens any more, there is one holder. */
        void end() {
            nodes.stream().filter(node -> node.lease == null).forEach(Node::toggle);
            goOn(8, NODES);
            assertThat(nodes).filteredOn(Node::holds).hasSize(1);
        }
    }
}
