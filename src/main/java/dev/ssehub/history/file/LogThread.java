package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import java.lang.System.Logger.Level;

/** The thread that writes to the file. All updates that arrive while it commits go into the next transaction. */
final class LogThread implements AutoCloseable {
    // A transaction first removes what the ledger gave up since the last one, and then inserts events. After the commit, the events
    // enter the ledger and are delivered, and the ledger may give up others. If there is more to give up than one transaction should
    // remove, the next transaction follows at once. So removing many events delays no publisher for long.

    private static final System.Logger LOG = System.getLogger(LogThread.class.getName());
    private static final int MAX_ADDITIONS = 500;
    /** The most events that are given up after a transaction, besides two for each event that it added. */
    private static final int MAX_GIVEN_UP = 200;
    private static final int REMEMBERED_IDS = 10_000;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** An outage is over when nothing has failed for this time: a disk can be full again after a few events. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final LogFile log;
    private final Ledger ledger;
    private final LongSupplier millis;
    private final Thread thread = Thread.ofPlatform().name("history-log").daemon().unstarted(this::run);
    private final Queue<Addition> additions = new ConcurrentLinkedQueue<>();
    private final Queue<FutureTask<?>> tasks = new ConcurrentLinkedQueue<>();
    /** For each topic, the position up to which the next transaction removes its events. */
    private final SequencedMap<FilePast, Long> removals = new LinkedHashMap<>();
    /** The topics that may hold too much. */
    private final SequencedSet<FilePast> unchecked = new LinkedHashSet<>();
    private volatile boolean closed;
    private boolean moreToGiveUp;
    /** Whether the file has the rules of this run, their marks, and the beginning. */
    private boolean begun;
    private long checkedAt = System.nanoTime();
    private boolean isDamaged;
    private boolean isOutage;
    private long failedAt;

    LogThread(LogFile log, Ledger ledger, LongSupplier millis) {
        this.log = log;
        this.ledger = ledger;
        this.millis = millis;
        this.unchecked.addAll(ledger.topics());
    }

    void start() {
        thread.start();
    }

    /** Adds an update. Any thread may call. */
    void add(Addition addition) {
        additions.add(addition);
        LockSupport.unpark(thread);
        if (closed) {
            refuseAll();
        }
    }

    /** A task between two transactions. */
    interface Task {
        void run() throws LogFileException;
    }

    /** Runs a task between two transactions. Any thread may call. */
    Future<?> submit(Task task) {
        FutureTask<?> future = new FutureTask<>(() -> {
            task.run();
            return true; // nobody needs a result
        });
        tasks.add(future);
        LockSupport.unpark(thread);
        if (closed) {
            future.cancel(false);
        }
        return future;
    }

    private void run() {
        while (!closed || !additions.isEmpty()) {
            List<Addition> batch = new ArrayList<>();
            for (Addition next = additions.poll(); next != null; next = batch.size() < MAX_ADDITIONS ? additions.poll() : null) {
                batch.add(next);
            }
            for (FutureTask<?> task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            step(batch);
            if (additions.isEmpty() && tasks.isEmpty() && !moreToGiveUp && !closed) {
                LockSupport.parkNanos(this, CHECK_NANOS / 2);
            }
        }
        refuseAll();
    }

    private void refuseAll() {
        for (Addition next = additions.poll(); next != null; next = additions.poll()) {
            next.fail(new HistoryUnavailableException("the hub is closed"));
        }
        tasks.forEach(task -> task.cancel(false));
    }

    /** Writes a batch. If the file is damaged or gone, begins a new one and writes the batch to it. */
    private void step(List<Addition> batch) {
        try {
            if (System.nanoTime() - checkedAt >= CHECK_NANOS) {
                checkedAt = System.nanoTime();
                if (isDamaged || !log.isInPlace()) {
                    replace();
                }
            }
            try {
                write(batch);
            } catch (LogFileException e) {
                if (e.kind() != LogFileException.Kind.DAMAGED && e.kind() != LogFileException.Kind.REPLACED) {
                    throw e;
                }
                replace();
                write(batch);
            }
            if (isOutage && !batch.isEmpty() && System.nanoTime() - failedAt > CALM_NANOS) {
                isOutage = false;
                LOG.log(Level.INFO, "events can be stored again");
            }
        } catch (LogFileException e) {
            failedAt = System.nanoTime();
            if (!isOutage) {
                isOutage = true;
                LOG.log(Level.ERROR, e.getMessage() + "; publishers get 503 until the hub can store events again");
            }
            moreToGiveUp = false; // it is tried again after a pause
            refuse(batch, "the hub cannot store events now: " + e.kind().reason(), e);
        } catch (RuntimeException e) { // no publisher must wait for ever
            LOG.log(Level.ERROR, thread.getName() + " failed and goes on", e);
            refuse(batch, "the hub could not store the event", e);
        }
    }

    private static void refuse(List<Addition> batch, String message, Exception cause) {
        HistoryUnavailableException failure = new HistoryUnavailableException(message, cause);
        batch.forEach(addition -> addition.fail(failure));
    }

    /** Begins a new file if a reader has found this one damaged. Any thread may call. */
    void replaceDamaged(int generation) {
        var _ = submit(() -> {
            if (generation == log.generation()) {
                replace();
            }
        });
    }

    /** Gives up and removes everything that exceeds a limit. Runs as a task, for tests. */
    void settle() {
        do {
            step(List.of());
        } while (moreToGiveUp);
    }

    private void replace() throws LogFileException {
        removals.clear();
        unchecked.clear();
        begun = false;
        isDamaged = false;
        log.replace(ledger);
    }

    private void write(List<Addition> additions) throws LogFileException {
        LogWriter writer = log.writer();
        LogBatch batch = new LogBatch(additions, ledger, millis);
        if (!additions.isEmpty() || !removals.isEmpty() || !begun) {
            try {
                writer.begin();
                if (!begun) {
                    writer.setMarks(ledger.marks(), ledger.rulesText());
                    writer.addRun(ledger.run().getValue(), ledger.run().getKey());
                }
                LogBatch.remove(writer, removals);
                batch.insert(writer);
                writer.setState(new LogWriter.State(log.beginning(), batch.newest(), millis.getAsLong()));
                if (!removals.isEmpty()) {
                    writer.trimOwnIds(REMEMBERED_IDS, 2 * (MAX_GIVEN_UP + additions.size()));
                }
                writer.commit();
            } finally {
                writer.rollback(); // after a failure
            }
            removals.clear();
            begun = true;
        }
        batch.deliver(unchecked::addAll);
        try {
            giveUp(writer, additions.size());
        } catch (LogFileException e) { // the batch must not be written again
            LOG.log(Level.DEBUG, "old events are given up later", e);
            moreToGiveUp = false;
            isDamaged = e.kind() == LogFileException.Kind.DAMAGED;
        }
        if (removals.isEmpty()) {
            log.tidy(additions.isEmpty());
        }
    }

    /** Lets the ledger give up what exceeds a limit. The next transaction removes it from the file. */
    private void giveUp(LogWriter writer, int added) throws LogFileException {
        int left = MAX_GIVEN_UP + 2 * added;
        moreToGiveUp = false;
        for (FilePast past = ledger.exceeding(unchecked); past != null; past = ledger.exceeding(unchecked)) {
            if (left-- == 0) {
                moreToGiveUp = true;
                return;
            }
            if (!past.knowsSize()) {
                ledger.know(past, true, writer.oldest(past.number(), past.oldestPosition() - 1, FilePast.MAX_KNOWN));
            }
            Long after = past.needsEntriesAfter();
            if (after != null) {
                ledger.know(past, false, writer.oldest(past.number(), after, FilePast.MAX_KNOWN));
            }
            removals.put(past, ledger.giveUpOldest(past));
        }
        moreToGiveUp = !removals.isEmpty(); // so that they are removed even if nothing is published
    }

    /** Forgets a topic. Runs as a task. */
    void forget(String topic) throws LogFileException {
        FilePast past = ledger.find(topic);
        LogWriter writer = log.writer();
        if (past == null) {
            writer.forget(topic, LogWriter.NO_TOPIC, "", 0);
        } else {
            long newest = writer.newest(past.number());
            ledger.lose(past, newest); // before the events are gone, so that no reader misses the loss
            writer.forget(topic, past.number(), past.rule().text(), newest);
            removals.remove(past);
            ledger.giveUpAll(past, newest);
        }
        log.scrubLater();
    }

    /** Writes the waiting updates, and stops the thread. Waits for it for some seconds. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        LockSupport.unpark(thread);
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.log(Level.WARNING, "the file of the history does not answer; its thread is abandoned");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
