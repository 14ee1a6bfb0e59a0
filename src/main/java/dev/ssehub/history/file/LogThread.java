package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Limits;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.metrics.HubMetrics;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The thread that writes to the file. All updates that arrive while it commits go into the next transaction. */
final class LogThread implements AutoCloseable {
    // A transaction first removes what was given up since the last one, and then inserts events. After the commit, the events enter
    // the ledger and are delivered, and others may be given up.

    private static final System.Logger LOG = System.getLogger(LogThread.class.getName());
    private static final int MAX_ADDITIONS = 500;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final LogFile log;
    private final Ledger ledger;
    private final HubMetrics metrics;
    private final LongSupplier millis;
    private final Thread thread = Thread.ofPlatform().name("history-log").daemon().unstarted(this::run);
    private final Queue<List<Addition>> additions = new ConcurrentLinkedQueue<>();
    private final Queue<FutureTask<?>> tasks = new ConcurrentLinkedQueue<>();
    private final Eviction eviction;
    private final SlowCommits slow = new SlowCommits(System::nanoTime);
    private final Outage outage;
    private volatile boolean closed;
    /** Whether the file has the rules of this run, their marks, and the beginning. */
    private boolean begun;
    private long checkedAt = System.nanoTime();
    private boolean isDamaged;

    LogThread(LogFile log, Ledger ledger, HubMetrics metrics, LongSupplier millis) {
        this.log = log;
        this.ledger = ledger;
        this.metrics = metrics;
        this.millis = millis;
        this.eviction = new Eviction(ledger);
        this.outage = new Outage(metrics);
    }

    void start() {
        thread.start();
    }

    /** Adds updates, which go into one transaction. Any thread may call. */
    void add(List<Addition> together) {
        additions.add(together);
        LockSupport.unpark(thread);
        if (closed) {
            refuseAll();
        }
    }

    /** Returns why events cannot be written now, or {@code null}. Any thread may call. */
    @Nullable
    String outage() {
        return outage.reason();
    }

    /** A task between two transactions. */
    interface Task {
        void run() throws DatabaseException;
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
            for (FutureTask<?> task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            step(batch());
            if (additions.isEmpty() && tasks.isEmpty() && !eviction.hasMore() && !closed) {
                LockSupport.parkNanos(this, CHECK_NANOS / 2);
            }
        }
        refuseAll();
        eviction.fail(new HistoryUnavailableException("the hub is closed"));
    }

    private List<Addition> batch() {
        List<Addition> batch = new ArrayList<>();
        while (batch.size() < MAX_ADDITIONS && !additions.isEmpty()) {
            batch.addAll(Objects.requireNonNullElse(additions.poll(), List.of()));
        }
        return batch;
    }

    private void refuseAll() {
        for (List<Addition> next = additions.poll(); next != null; next = additions.poll()) {
            next.forEach(addition -> addition.fail(new HistoryUnavailableException("the hub is closed")));
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
            } catch (DatabaseException e) {
                if (e.kind() != DatabaseException.Kind.DAMAGED && e.kind() != DatabaseException.Kind.REPLACED) {
                    throw e;
                }
                replace();
                write(batch);
            }
            outage.succeeded();
        } catch (DatabaseException e) {
            eviction.fail(e);
            refuse(batch, outage.failed(e), e);
        } catch (RuntimeException e) { // no publisher must wait for ever
            LOG.log(Level.ERROR, thread.getName() + " failed and goes on", e);
            eviction.fail(e);
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
        } while (eviction.hasMore());
    }

    private void replace() throws DatabaseException {
        eviction.clear();
        begun = false;
        isDamaged = false;
        log.replace(ledger);
    }

    private void write(List<Addition> additions) throws DatabaseException {
        LogWriter writer = log.writer();
        LogBatch batch = new LogBatch(additions, ledger, millis);
        if (!additions.isEmpty() || eviction.isDue() || !begun || outage.reason() != null) { // in an outage, each step is a try
            long start = System.nanoTime();
            try {
                writer.begin();
                if (!begun) {
                    writer.setMarks(ledger.marks(), ledger.rulesText());
                    writer.addRun(ledger.runs().last().getValue(), ledger.runs().last().getKey());
                }
                eviction.remove(writer, additions.size());
                batch.insert(writer);
                writer.setState(new LogWriter.State(log.beginning(), batch.newest(), millis.getAsLong()));
                writer.commit();
            } finally {
                writer.rollback(); // after a failure
            }
            long nanos = System.nanoTime() - start;
            metrics.committed(nanos);
            slow.committed(nanos, additions.size());
            eviction.removed();
            begun = true;
        }
        batch.deliver(eviction::check);
        try {
            if (eviction.finish(writer)) {
                log.scrubLater();
            }
            eviction.giveUp(writer, additions.size());
        } catch (DatabaseException e) { // the batch must not be written again
            LOG.log(Level.DEBUG, "old events are given up later", e);
            eviction.fail(e);
            isDamaged = e.kind() == DatabaseException.Kind.DAMAGED;
        }
        if (!eviction.isDue()) {
            log.tidy(additions.isEmpty());
        }
    }

    /** Replaces the limits. What exceeds them is given up in the next steps. Runs as a task. */
    void apply(Limits limits) {
        ledger.apply(limits);
        eviction.check(ledger.topics());
        begun = false; // the next transaction writes the marks of the rules
    }

    /** Counts everything up to a position as missing. The next transaction writes this. Runs as a task, after earlier additions. */
    void lose(long upTo) {
        while (!additions.isEmpty()) {
            step(batch());
        }
        ledger.loseAllTopics(upTo);
        begun = false;
    }

    /** Begins to forget a topic, see {@link Eviction#forget}. Runs as a task. */
    void forget(String topic, CompletableFuture<?> done) throws DatabaseException {
        eviction.forget(log.writer(), topic, done);
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
