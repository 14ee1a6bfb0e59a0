package dev.ssehub.thread;

import module java.base;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A named daemon thread that repeats a task until it is closed, with a fixed pause between two runs. */
public final class PeriodicTask implements AutoCloseable {
    // An executor swallows the exceptions of its tasks. So run() logs a runtime exception, and the task runs again after the
    // pause. An error ends the task and goes to the handler of uncaught exceptions.

    private static final System.Logger LOG = System.getLogger(PeriodicTask.class.getName());
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final String name;
    private final Runnable task;
    private final ScheduledExecutorService executor;
    private volatile @Nullable Thread thread;

    private PeriodicTask(String name, Runnable task) {
        this.name = name;
        this.task = task;
        this.executor = Executors.newSingleThreadScheduledExecutor(run -> {
            Thread created = Thread.ofPlatform().name(name).daemon().unstarted(run);
            thread = created;
            return created;
        });
    }

    /**
     * Starts a thread that runs the task. The first run begins after one pause.
     *
     * @param name the name of the thread
     */
    public static PeriodicTask start(String name, Duration pause, Runnable task) {
        return start(name, pause, pause, task);
    }

    /** Like {@link #start}, but the first run begins at once. */
    public static PeriodicTask startAtOnce(String name, Duration pause, Runnable task) {
        return start(name, Duration.ZERO, pause, task);
    }

    private static PeriodicTask start(String name, Duration first, Duration pause, Runnable task) {
        PeriodicTask periodic = new PeriodicTask(name, task);
        var _ = periodic.executor.scheduleWithFixedDelay(periodic::run, first.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
        return periodic;
    }

    private void run() {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, name + " failed and will try again", e);
        } catch (Error e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            throw e;
        }
    }

    /** Stops the thread. Waits up to two seconds for a run in progress. Closing again does nothing. */
    @Override
    public void close() {
        if (executor.isShutdown()) {
            return;
        }
        executor.shutdown();
        if (thread != null) {
            join(thread);
        }
    }

    /**
     * Waits up to two seconds for a thread to end, or until the caller is interrupted. Does nothing on the thread itself. A
     * daemon thread that hangs outside this program ends with the process.
     */
    public static void join(Thread thread) {
        try {
            if (thread != Thread.currentThread() && !thread.join(CLOSE_TIMEOUT)) {
                LOG.log(Level.WARNING, thread.getName() + " does not end; it is abandoned");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
