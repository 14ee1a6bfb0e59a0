package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.thread.Turns;

/**
 * The threads that read the file. SQLite holds the thread that calls it, so virtual threads must not call it. Thread-safe.
 */
final class Readers implements AutoCloseable {
    // Each task borrows a reader. The thread that replaces the file borrows all of them, so no task runs meanwhile.

    private static final int COUNT = 2;
    /** How long a task waits for a file that is replaced. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    /** A task with a reader of the file. */
    interface Task<T> {
        T run(LogReader reader) throws DatabaseException;
    }

    private final ExecutorService threads = Executors.newFixedThreadPool(COUNT,
            Thread.ofPlatform().name("history-reader-", 1).daemon().factory());
    private final BlockingQueue<LogReader> idle = new ArrayBlockingQueue<>(COUNT);

    /** Takes the readers of a file that was opened. */
    void resume(DatabaseFile file) throws DatabaseException {
        List<LogReader> readers = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            readers.add(LogReader.of(file));
        }
        idle.addAll(readers); // all of them, or none if one cannot be opened
    }

    /** Waits until no task runs. Later tasks wait for {@link #resume}. */
    void pause() {
        boolean interrupted = false;
        for (int taken = 0; taken < COUNT;) {
            try {
                idle.take();
                taken++;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Runs a task on a reading thread, and waits for it.
     *
     * @throws DatabaseException if the file cannot be read
     * @throws HistoryUnavailableException if the history is closed, or the thread is interrupted; it stays interrupted
     */
    <T> T run(Task<T> task) throws DatabaseException {
        try {
            Future<T> result = threads.submit(() -> {
                LogReader reader = idle.poll(MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS);
                if (reader == null) {
                    throw new HistoryUnavailableException("the hub cannot read the past now: its file cannot be used");
                }
                try {
                    return task.run(reader);
                } finally {
                    idle.add(reader);
                }
            });
            await(result);
            if (result.state() == Future.State.FAILED) {
                if (result.exceptionNow() instanceof DatabaseException e) {
                    throw e;
                } else if (result.exceptionNow() instanceof HistoryUnavailableException e) {
                    throw e;
                }
                throw new HistoryUnavailableException("the hub cannot read the past now", result.exceptionNow());
            } else if (result.state() != Future.State.SUCCESS) {
                throw new HistoryUnavailableException("the hub is stopping");
            }
            return result.resultNow();
        } catch (RejectedExecutionException _) {
            throw new HistoryUnavailableException("the hub is closed");
        }
    }

    /** Waits for a result without the turn of the calling thread, or until the thread is interrupted; it stays interrupted. */
    static void await(Future<?> result) {
        Turns.withoutTurn(() -> {
            try {
                result.get();
            } catch (ExecutionException | CancellationException _) {
                // the caller looks at the result
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Stops the threads. Waits for tasks in progress. Closing again does nothing. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
