package dev.ssehub.feed;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ssehub.hub.HubClosedException;

/** A named thread that does one thing at a fixed interval, and less often while that fails. */
final class Ticker implements AutoCloseable {

    // The schedule is the clock's: a tick is due whenever the time is a whole multiple of the interval (since 1970). So it
    // cannot drift, a tick that comes late does not shift the next one, ticks that were missed (a suspended machine) are not
    // made up for in a burst, and a clock that is set only moves the next tick. At an interval of one second each tick comes
    // just after the second has changed. After a failure ticks are left out: one interval's at first, and each time twice as
    // many, up to a minute.

    private static final System.Logger LOG = System.getLogger(Ticker.class.getName());
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_END = Duration.ofSeconds(2);

    private final Duration interval;
    private final InstantSource clock;
    private final Task task;
    private final CountDownLatch closed;
    private final Thread thread;

    /** What is done at each tick. */
    interface Task {
        /**
         * Does it once.
         *
         * @throws IOException if something outside of this program is in the way; its message says what, and is all that is
         *     logged
         * @throws HubClosedException to end the ticker: there is nobody left to publish to
         */
        void run() throws IOException;
    }

    /** Starts ticking. A task that fails is logged, and tried again after a while. */
    Ticker(String name, Duration interval, InstantSource clock, Task task) {
        this(name, interval, clock, task, new CountDownLatch(1));
    }

    /** @param closed is awaited between two ticks; for tests in which time passes faster */
    Ticker(String name, Duration interval, InstantSource clock, Task task, CountDownLatch closed) {
        this.interval = interval;
        this.clock = clock;
        this.task = task;
        this.closed = closed;
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

    /** How long to wait after so many failures in a row: until the next tick, or for some more. */
    static Duration pause(int failures, Duration interval) {
        Duration pause = interval;
        for (int i = 0; i < failures && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(LONGEST_PAUSE) <= 0 ? pause : interval.compareTo(LONGEST_PAUSE) > 0 ? interval : LONGEST_PAUSE;
    }

    private void run() {
        try {
            int failures = 0;
            while (!waitFor(pause(failures, interval))) {
                failures = succeeds(failures) ? 0 : failures + 1;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (HubClosedException e) {
            // it stops: no failure, and nothing more to do
        }
    }

    /** Waits until the tick at the end of the pause is due, or returns true when it is closed. */
    private boolean waitFor(Duration pause) throws InterruptedException {
        Instant due = next(clock.instant().plus(pause).minus(interval), interval);
        while (true) {
            Duration left = Duration.between(clock.instant(), due);
            if (left.compareTo(pause) > 0) { // the clock was set back
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

    private boolean succeeds(int failures) {
        try {
            task.run();
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, failed(failures) + ": " + e.getMessage());
        } catch (HubClosedException e) {
            throw e;
        } catch (RuntimeException e) {
            if (failures == 0) {
                LOG.log(Level.ERROR, failed(failures), e);
            } else {
                LOG.log(Level.ERROR, failed(failures) + ": " + e);
            }
        }
        return false;
    }

    private String failed(int failures) {
        return thread.getName() + " failed and tries again in " + pause(failures + 1, interval);
    }

    /** Ends it and waits for a tick that is under way, but not for long. */
    @Override
    public void close() {
        closed.countDown();
        join(thread);
    }

    /**
     * Waits for the end of a thread, unless it is this one, but not for long: it may hang in something outside of this program, and
     * then it ends with the program.
     */
    static void join(Thread thread) {
        if (thread == Thread.currentThread()) {
            return;
        }
        long deadline = System.nanoTime() + LONGEST_END.toNanos();
        boolean interrupted = false;
        while (thread.isAlive() && System.nanoTime() < deadline) {
            try {
                thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (thread.isAlive()) {
            LOG.log(Level.WARNING, thread.getName() + " does not end, and is left behind");
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
