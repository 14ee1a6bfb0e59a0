package dev.ssehub.feed;

import module java.base;
import dev.ssehub.hub.HubClosedException;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;

/** A named daemon thread that runs a task at a fixed interval, and less often while the task fails. */
final class Ticker implements AutoCloseable {
    // The wall clock sets the schedule: a tick is due when the time is a multiple of the interval since 1970. So the schedule
    // does not drift, a late tick does not shift the next one, missed ticks (of a suspended machine) are not made up for, and
    // setting the clock moves only the next tick. With an interval of one second, each tick comes just after the second changes.
    // After a failure, the pause is two intervals; it doubles with each further failure, up to a minute.
    //
    // This is no ScheduledExecutorService because that schedules by System.nanoTime: each tick would have to schedule the next.

    private static final System.Logger LOG = System.getLogger(Ticker.class.getName());
    private static final Duration MAX_PAUSE = Duration.ofMinutes(1);

    private final Duration interval;
    private final InstantSource clock;
    private final Task task;
    private final CountDownLatch closed;
    private final Thread thread;

    /** Runs at each tick. Of an {@link IOException}, only the message is logged. A {@link HubClosedException} ends the ticker. */
    interface Task {
        void run() throws IOException;
    }

    /** Starts ticking. */
    Ticker(String name, Duration interval, InstantSource clock, Task task) {
        this(name, interval, clock, task, new CountDownLatch(1));
    }

    /** The thread awaits the latch between two ticks. Tests pass one in which time passes faster. */
    Ticker(String name, Duration interval, InstantSource clock, Task task, CountDownLatch closed) {
        this.interval = interval;
        this.clock = clock;
        this.task = task;
        this.closed = closed;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
        thread.start();
    }

    /** Returns the first instant after the given one at which a tick is due. */
    static Instant next(Instant now, Duration interval) {
        long nanos = interval.toNanos();
        long sinceEpoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return now.plusNanos(nanos - Math.floorMod(sinceEpoch, nanos));
    }

    /** Returns the pause after a number of consecutive failures. */
    static Duration pause(int failures, Duration interval) {
        long max = Math.max(interval.toNanos(), MAX_PAUSE.toNanos());
        return Duration.ofNanos((long) Math.min((double) max, interval.toNanos() * Math.pow(2, failures)));
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
            // the hub stops, and the ticker with it
        }
    }

    /** Waits until the tick at the end of the pause is due. Returns {@code true} if the ticker was closed. */
    private boolean waitFor(Duration pause) throws InterruptedException {
        Instant due = next(clock.instant().plus(pause).minus(interval), interval);
        Duration left = Duration.between(clock.instant(), due);
        while (left.isPositive() && left.compareTo(pause) <= 0) { // more is left if the clock was set back
            if (closed.await(left.toNanos(), TimeUnit.NANOSECONDS)) {
                return true;
            }
            left = Duration.between(clock.instant(), due);
        }
        return closed.getCount() == 0;
    }

    private boolean succeeds(int failures) {
        try {
            task.run();
            return true;
        } catch (IOException e) {
            LOG.log(Level.WARNING, failed(failures) + ": " + e.getMessage());
        } catch (HubClosedException e) {
            throw e;
        } catch (RuntimeException e) { // the stack trace is logged once
            LOG.log(Level.ERROR, failures == 0 ? failed(0) : failed(failures) + ": " + e, failures == 0 ? e : null);
        }
        return false;
    }

    private String failed(int failures) {
        return thread.getName() + " failed and will try again in " + pause(failures + 1, interval);
    }

    /** Stops the thread and waits for a tick that is under way, but not longer than two seconds. */
    @Override
    public void close() {
        closed.countDown();
        PeriodicTask.join(thread);
    }
}
