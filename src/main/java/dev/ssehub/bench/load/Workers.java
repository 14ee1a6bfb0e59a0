package dev.ssehub.bench.load;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The threads of a run, and the failure of a thread. Thread-safe. */
public final class Workers {
    private volatile @Nullable IllegalStateException failure;

    /** Starts a daemon thread. The caller must stop it and then call {@link #awaitEnd}. */
    Thread start(String name, Runnable task) {
        return Thread.ofPlatform().name(name).daemon().uncaughtExceptionHandler(
                (_, e) -> failure = new IllegalStateException("the thread " + name + " has failed", e)).start(task);
    }

    /** Throws an {@link IllegalStateException} if a thread has ended with an exception. */
    public void requireHealthy() {
        if (failure != null) {
            throw failure;
        }
    }

    /** Blocks until the thread has ended, even if the caller is interrupted. The caller then stays interrupted. */
    static void awaitEnd(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            awaitEnd(thread);
            Thread.currentThread().interrupt();
        }
    }
}
