package dev.ssehub.thread;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {
    private final List<Turns> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Turns::close);
    }

    private Turns turns(int atOnce) {
        Turns turns = new Turns("turns", atOnce);
        opened.add(turns);
        return turns;
    }

    /** A thread that waits for a turn, then adds its name to a list, and ends the turn when the test says so. */
    private final class Waiter {
        private final Thread thread;
        private final CountDownLatch mayEnd = new CountDownLatch(1);

        Waiter(Turns turns, Object client, String name, Collection<String> order) {
            thread = Thread.ofVirtual().start(() -> {
                Turns.Turn turn = new Turns.Turn(turns, client);
                turn.begin();
                order.add(name);
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    order.add(name + " interrupted");
                }
                turn.end();
            });
        }

        Waiter awaitWaiting() {
            await().until(() -> thread.getState() == Thread.State.WAITING);
            return this;
        }
    }

    @Test
    void clientsTakeTurns() throws Exception {
        Turns turns = turns(1);
        Queue<String> order = new ConcurrentLinkedQueue<>();
        List<Waiter> waiters = new ArrayList<>();
        for (String name : List.of("a1", "a2", "a3", "a4", "b1")) {
            waiters.add(new Waiter(turns, name.charAt(0), name, order).awaitWaiting());
        }
        assertThat(order).containsExactly("a1");

        waiters.forEach(waiter -> waiter.mayEnd.countDown());
        for (Waiter waiter : waiters) {
            waiter.thread.join();
        }
        assertThat(order).containsExactly("a1", "a2", "b1", "a3", "a4");
    }

    @Test
    void anInterruptedThreadHasNoTurnAndStaysInterrupted() throws Exception {
        Turns turns = turns(1);
        Queue<String> order = new ConcurrentLinkedQueue<>();
        Waiter first = new Waiter(turns, "a", "first", order).awaitWaiting();
        Waiter second = new Waiter(turns, "b", "second", order).awaitWaiting();
        second.thread.interrupt();
        second.thread.join();
        assertThat(order).containsExactly("first", "second", "second interrupted");

        Waiter third = new Waiter(turns, "c", "third", order).awaitWaiting();
        assertThat(order).doesNotContain("third");
        first.mayEnd.countDown();
        await().until(() -> order.contains("third"));
        third.mayEnd.countDown();
        third.thread.join();
    }

    /** Otherwise some interrupted handshakes would leave no turn for others. */
    @Test
    void aThreadThatIsInterruptedAndMovesOnTakesNoTurnWithIt() throws Exception {
        Turns handshakes = turns(2);
        Turns requests = turns(2);
        Queue<String> order = new ConcurrentLinkedQueue<>();
        List<Waiter> holders = List.of(new Waiter(handshakes, "a", "holder1", order).awaitWaiting(),
                new Waiter(handshakes, "a", "holder2", order).awaitWaiting());
        List<Thread> interrupted = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String client = "interrupted" + i % 3;
            interrupted.add(Thread.ofVirtual().start(() -> {
                Turns.Turn turn = new Turns.Turn(handshakes, client);
                turn.begin();
                turn.moveTo(requests);
                turn.begin();
                turn.end();
            }));
        }
        for (Thread thread : interrupted) {
            await().until(() -> thread.getState() == Thread.State.WAITING);
            thread.interrupt();
            thread.join();
        }
        holders.forEach(holder -> holder.mayEnd.countDown());
        for (Turns turns : List.of(handshakes, requests)) {
            Queue<String> last = new ConcurrentLinkedQueue<>();
            List<Waiter> three = IntStream.range(0, 3).mapToObj(i -> new Waiter(turns, i, "" + i, last).awaitWaiting()).toList();
            assertThat(last).as("two turns, not less and not more").hasSize(2);
            three.forEach(waiter -> waiter.mayEnd.countDown());
            for (Waiter waiter : three) {
                waiter.thread.join();
            }
        }
    }

    @Test
    void aClosedThreadStillLetsAllHaveTheirTurn() throws Exception {
        Turns turns = turns(1);
        Queue<String> order = new ConcurrentLinkedQueue<>();
        List<Waiter> waiters = IntStream.range(0, 5).mapToObj(i -> new Waiter(turns, i, "" + i, order).awaitWaiting()).toList();
        turns.close();
        for (Waiter waiter : waiters) {
            await().until(() -> order.size() > waiters.indexOf(waiter));
            waiter.mayEnd.countDown();
        }
        for (Waiter waiter : waiters) {
            assertThat(waiter.thread.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void threadsThatNeverStopLetOthersRun() throws Exception {
        Turns turns = turns(1);
        AtomicBoolean otherHasRun = new AtomicBoolean();
        AtomicInteger running = new AtomicInteger();
        List<Thread> busy = IntStream.range(0, 2 * Runtime.getRuntime().availableProcessors())
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    Turns.Turn turn = new Turns.Turn(turns, i);
                    turn.begin();
                    running.incrementAndGet();
                    while (!otherHasRun.get()) {
                        turn.begin();
                        turn.end();
                    }
                })).toList();
        await().until(() -> running.get() == busy.size());
        Thread.ofVirtual().start(() -> otherHasRun.set(true));
        for (Thread thread : busy) {
            assertThat(thread.join(Duration.ofSeconds(20))).as("another thread has run").isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void noMoreThreadsThanAllowedHaveATurnAndNoTurnIsLost(int atOnce) throws Exception {
        Turns turns = turns(atOnce);
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int client = i % 4;
            threads.add(Thread.ofVirtual().start(() -> {
                Turns.Turn turn = new Turns.Turn(turns, client);
                for (int round = 0; round < 2_000; round++) {
                    turn.begin();
                    if (Thread.interrupted()) {
                        turn.end();
                        continue; // perhaps without a turn
                    }
                    most.accumulateAndGet(computing.incrementAndGet(), Math::max);
                    taken.incrementAndGet();
                    Thread.yield();
                    computing.decrementAndGet();
                    turn.end();
                }
            }));
        }
        SplittableRandom random = new SplittableRandom();
        while (threads.stream().anyMatch(Thread::isAlive)) {
            threads.get(random.nextInt(threads.size())).interrupt();
            LockSupport.parkNanos(100_000);
        }
        assertThat(taken.get()).isGreaterThan(1_000);
        assertThat(most.get()).isLessThanOrEqualTo(atOnce);

        Queue<String> order = new ConcurrentLinkedQueue<>();
        List<Waiter> all = IntStream.range(0, atOnce).mapToObj(i -> new Waiter(turns, i, "last" + i, order)).toList();
        await().until(() -> order.size() == atOnce);
        all.forEach(waiter -> waiter.mayEnd.countDown());
    }
}
