package dev.ssehub.feed;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A named thread that does one thing at a fixed interval. */
final class Ticker implements AutoCloseable {

    // The schedule is the clock's: a tick is due whenever the time is a whole multiple of the interval (since 1970). So it
    // cannot drift, a tick that comes late does not shift the next one, ticks that were missed (a suspended machine) are not
    // made up for in a burst, and a clock that is set only moves the next tick. At an interval of one second each tick comes
    // just after the second has changed.

    private static final System.Logger LOG = System.getLogger(Ticker.class.getName());

    private final Duration interval;
    private final InstantSource clock;
    private final Runnable task;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** Starts ticking. A task that throws is logged, and comes again at the next tick. */
    Ticker(String name, Duration interval, InstantSource clock, Runnable task) {
        this.interval = interval;
        this.clock = clock;
        this.task = task;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread.start();
    }

    /** The next instant after this one at which a tick is due. */
    static Instant next(Instant now, Duration interval) {
        long nanos = interval.toNanos();
        long sinceEpoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        long next = sinceEpoch - Math.floorMod(sinceEpoch, nanos) + nanos;
        return Instant.EPOCH.plusNanos(next);
    }

    private void run() {
        try {
            Instant due = next(clock.instant(), interval);
            while (!waitUntil(due)) {
                runTask();
                due = next(clock.instant(), interval);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the clock has reached an instant, or returns true when it is closed. */
    private boolean waitUntil(Instant due) throws InterruptedException {
        while (true) {
            Duration left = Duration.between(clock.instant(), due);
            if (left.compareTo(interval) > 0) {
                return closed.getCount() == 0;
            }
            if (closed.await(left.toNanos(), TimeUnit.NANOSECONDS)) {
                return true;
            }
            if (!clock.instant().isBefore(due)) {
                return false;
            }
        }
    }

    private void runTask() {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, thread.getName() + " failed and tries again in " + interval, e);
        }
    }

    /** Ends it and waits for a tick that is under way. */
    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
