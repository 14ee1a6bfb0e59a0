package dev.ssehub.bench.load;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The threads of a run, and the failure of the first one that fails. Safe for use by several threads. */
public final class Workers {

    /** What a thread does. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    private volatile @Nullable IllegalStateException failure;

    /** Starts a daemon thread. The caller makes it end, and then calls {@link #awaitEnd}. */
    Thread start(String name, Task task) {
        return Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                task.run();
            } catch (IOException | RuntimeException | Error e) {
                failure = new IllegalStateException("the thread " + name + " has failed", e);
            }
        });
    }

    /** Throws an {@link IllegalStateException} if one of the threads has ended with an exception. */
    public void requireHealthy() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Blocks until the thread has ended. An interrupt does not shorten the wait; the caller stays interrupted. */
    static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
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
