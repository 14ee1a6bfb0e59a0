package dev.ssehub.thread;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Lets only some of the threads that serve clients compute at the same time. The clients take turns. Thread-safe. */
public final class Turns implements AutoCloseable {
    // All virtual threads share a few carrier threads. A virtual thread is not preempted. Platform threads wake the ticks, the new
    // connections and the timers, but a carrier looks for such threads only when it has no other thread to run. So clients that
    // send requests without a pause could delay everything else by seconds.
    //
    // Therefore a thread that serves a request takes a turn before it computes, and ends it before it reads or writes. A turn that
    // ends wakes the next waiting thread, which usually runs on the same carrier. After 2 ms of turns in a row, a platform thread
    // wakes the next thread instead, so the carrier is free to run the threads that platform threads have woken. A thread that has
    // computed for 2 ms itself waits even if a turn is free, because a client can send so fast that its thread never stops.

    /** The turn of the calling thread. */
    public static final ScopedValue<Turn> CURRENT = ScopedValue.newInstance();

    private static final long SLICE_NANOS = 2_000_000;
    /** A thread that was without a turn for this long has waited in a read or write, so that its carrier was free. */
    private static final long PAUSE_NANOS = 100_000;

    private final Semaphore free;
    private final Thread waker;
    private final BlockingQueue<Turn> forWaker = new LinkedBlockingQueue<>();
    /** The waiting threads of each client; the client whose turn is next comes first. Guarded by this object. */
    private final SequencedMap<Object, Queue<Turn>> waiting = new LinkedHashMap<>();
    private final AtomicInteger waitingThreads = new AtomicInteger();
    private volatile boolean closed;

    /**
     * Starts a thread that wakes waiting threads.
     *
     * @param name the name of the thread
     * @param atOnce the number of threads that may compute at the same time
     */
    public Turns(String name, int atOnce) {
        this.free = new Semaphore(atOnce);
        this.waker = Thread.ofPlatform().name(name).daemon().start(this::wake);
    }

    /** Runs an action without the turn of the calling thread, because the action waits for something. */
    public static void withoutTurn(Runnable action) {
        if (!CURRENT.isBound()) {
            action.run();
            return;
        }
        Turn turn = CURRENT.get();
        turn.end();
        try {
            action.run();
        } finally {
            turn.begin();
        }
    }

    private void wake() {
        try {
            while (true) {
                grant(forWaker.take(), System.nanoTime());
            }
        } catch (InterruptedException e) {
            wakeAll();
        }
    }

    private void wakeAll() {
        for (Turn next = forWaker.poll(); next != null; next = forWaker.poll()) {
            grant(next, System.nanoTime());
        }
    }

    private synchronized void add(Turn turn) {
        waiting.computeIfAbsent(turn.client, _ -> new ArrayDeque<>(1)).add(turn);
        waitingThreads.incrementAndGet();
    }

    private synchronized @Nullable Turn next() {
        Map.Entry<Object, Queue<Turn>> first = waiting.pollFirstEntry();
        if (first == null) {
            return null;
        }
        waitingThreads.decrementAndGet();
        Turn next = first.getValue().remove();
        if (!first.getValue().isEmpty()) {
            waiting.putLast(first.getKey(), first.getValue());
        }
        return next;
    }

    /** Removes a waiting turn. Returns false if it is about to be granted. */
    private synchronized boolean remove(Turn turn) {
        Queue<Turn> ofClient = waiting.get(turn.client);
        if (ofClient == null || !ofClient.remove(turn)) {
            return false;
        }
        waitingThreads.decrementAndGet();
        if (ofClient.isEmpty()) {
            waiting.remove(turn.client);
        }
        return true;
    }

    /**
     * Hands out the free turns to waiting threads.
     *
     * @param since when the present row of turns on this carrier began
     */
    private void handOut(long since) {
        while (waitingThreads.get() > 0 && free.tryAcquire()) {
            Turn next = next();
            if (next == null) {
                free.release();
            } else if (System.nanoTime() - since < SLICE_NANOS) {
                grant(next, since);
            } else {
                forWaker.add(next);
                if (closed) {
                    wakeAll();
                }
            }
        }
    }

    private static void grant(Turn next, long since) {
        next.since = since;
        next.state.set(Turn.State.TAKEN);
        LockSupport.unpark(next.thread);
    }

    /** Stops the thread. Afterwards, threads still take turns. */
    @Override
    public void close() {
        closed = true;
        waker.interrupt();
    }

    /** The turns of one thread, which begins them. Any thread may end them. */
    public static final class Turn {
        private enum State {
            NONE, WAITING, TAKEN
        }

        private final Object client;
        private final Thread thread;
        private final AtomicReference<State> state = new AtomicReference<>(State.NONE);
        private volatile Turns turns;
        private volatile long since;
        private long beginNanos;
        private long endNanos;
        private long usedNanos;

        /** Creates the turns of the calling thread, which has no turn yet. */
        public Turn(Turns turns, Object client) {
            this.turns = turns;
            this.client = client;
            this.thread = Thread.currentThread();
        }

        /** Ends the turn. The thread takes its later turns from {@code other}. */
        public void moveTo(Turns other) {
            end();
            turns = other;
        }

        /**
         * Takes a turn. Blocks until it is this thread's turn, or the thread is interrupted; then it may have no turn, and stays
         * interrupted. Does nothing if the thread has a turn.
         */
        public void begin() {
            if (state.get() == State.TAKEN) {
                return;
            }
            beginNanos = System.nanoTime();
            if (beginNanos - endNanos > PAUSE_NANOS) {
                usedNanos = 0;
            }
            if (usedNanos < SLICE_NANOS && turns.waitingThreads.get() == 0 && turns.free.tryAcquire()) {
                since = beginNanos - usedNanos;
                state.set(State.TAKEN);
            } else {
                await();
                beginNanos = System.nanoTime();
            }
        }

        private void await() {
            usedNanos = 0;
            state.set(State.WAITING);
            turns.add(this);
            turns.handOut(System.nanoTime() - SLICE_NANOS); // the waker must wake this thread, because the slice is over
            boolean interrupted = false;
            while (state.get() == State.WAITING) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    interrupted = true;
                    if (turns.remove(this)) {
                        state.set(State.NONE);
                    }
                }
            }
            if (interrupted) {
                thread.interrupt();
            }
        }

        /** Ends the turn. Does nothing if the thread has none. */
        public void end() {
            if (state.compareAndSet(State.TAKEN, State.NONE)) {
                endNanos = System.nanoTime();
                usedNanos += endNanos - beginNanos;
                turns.free.release();
                turns.handOut(since);
            }
        }
    }
}
