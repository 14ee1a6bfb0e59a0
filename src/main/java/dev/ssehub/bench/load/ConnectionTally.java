package dev.ssehub.bench.load;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Counts the connections of all subscribers. Thread-safe. */
public final class ConnectionTally {
    private static final long TICK_MILLIS = 50;
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The connections of a run; {@code seconds} is the time until every subscriber was connected or had failed. */
    public record Result(int asked, int connected, int failed, @Nullable String firstFailure, int endedEarly,
            @Nullable String firstEnd, double seconds) {}

    private final int asked;
    private final Stamp clock;
    private final CountDownLatch pending;
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger endedEarly = new AtomicInteger();
    private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();
    private final AtomicReference<@Nullable String> firstEnd = new AtomicReference<>();
    private volatile long lastSettled;
    private volatile boolean stalled;

    ConnectionTally(int asked, Stamp clock) {
        this.asked = asked;
        this.clock = clock;
        this.pending = new CountDownLatch(asked);
    }

    /** Counts a subscriber whose stream has begun or, if there is a failure, that receives no stream. */
    void settle(@Nullable String failure) {
        if (failure == null) {
            connected.incrementAndGet();
        } else {
            firstFailure.compareAndSet(null, failure);
        }
        lastSettled = clock.now();
        pending.countDown();
    }

    /** Counts a stream that has ended before the run. */
    void end(String reason) {
        firstEnd.compareAndSet(null, reason);
        endedEarly.incrementAndGet();
    }

    /** Returns whether no subscriber has connected or failed for ten seconds. Once true, it stays true. */
    boolean isStalled() {
        stalled = stalled || clock.now() - lastSettled > STALL_NANOS;
        return stalled;
    }

    /** Blocks until every subscriber is connected or has failed, but at most 50 ms. Returns whether that is the case. */
    public boolean await() throws InterruptedException {
        return pending.await(TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Returns the result so far. Subscribers that are waiting for an answer count as failed. */
    public Result result() {
        int count = connected.get();
        return new Result(asked, count, asked - count, firstFailure.get(), endedEarly.get(), firstEnd.get(), lastSettled / 1e9);
    }
}
