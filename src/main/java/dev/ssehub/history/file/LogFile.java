package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.Rule;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Session;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The file in use: its writer, its readers, the thread that copies the -wal file, and a new file if this one is damaged or gone. */
final class LogFile implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LogFile.class.getName());
    private static final Duration BETWEEN_COPIES = Duration.ofSeconds(1);
    /** A scrub blocks publishers, so it may take at most this part of the time. */
    private static final int SCRUB_PART = 50;
    private static final long SCRUB_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final DatabaseFile file;
    private final Readers readers = new Readers();
    private final PeriodicTask copying;
    private final Object copies = new Object();
    private @Nullable Checkpointer checkpointer; // guarded by copies
    private @Nullable LogWriter writer;
    private volatile long beginning;
    private final AtomicInteger generation = new AtomicInteger();
    /** Whether a topic was forgotten since the last scrub, which the file knows, too. For the log's thread, like {@code nextScrub}. */
    private boolean scrubDue;
    private long nextScrub = System.nanoTime();

    /** Takes an open file. */
    LogFile(DatabaseFile file, long beginning) throws DatabaseException {
        this.file = file;
        this.beginning = beginning;
        open();
        this.copying = PeriodicTask.start("history-checkpointer", BETWEEN_COPIES, this::copy);
    }

    private void open() throws DatabaseException {
        LogWriter opened = LogWriter.of(file);
        synchronized (copies) {
            checkpointer = new Checkpointer(file.copying(), file.turn());
        }
        readers.resume(file);
        writer = opened;
        scrubDue = opened.isScrubDue();
    }

    private void copy() {
        synchronized (copies) {
            try {
                if (checkpointer != null) {
                    checkpointer.run();
                }
            } catch (DatabaseException e) {
                LOG.log(Level.DEBUG, "the -wal file is copied later", e); // a transaction has the same failure, and tells it
            }
        }
    }

    Readers readers() {
        return readers;
    }

    /** Returns a number that changes with each new file. */
    int generation() {
        return generation.get();
    }

    boolean isInPlace() {
        return writer != null && file.isInPlace();
    }

    /** Returns the writer. Used by the log's thread. */
    LogWriter writer() throws DatabaseException {
        if (writer == null) {
            throw new DatabaseException(DatabaseException.Kind.REPLACED, "the file " + file.path() + " cannot be opened");
        }
        return writer;
    }

    long beginning() {
        return beginning;
    }

    void beginAt(long position) {
        beginning = position;
    }

    /**
     * Begins a new file, because this one is damaged or gone. The ledger loses everything. Called by the log's thread. If it fails, the
     * log has no file until it is called again.
     */
    void replace(Ledger ledger) throws DatabaseException {
        boolean isNew = writer == null; // an earlier call has failed
        boolean isDamaged = !isNew && file.isInPlace();
        if (!isNew) {
            readers.pause();
            writer = null;
            synchronized (copies) {
                checkpointer = null;
            }
            ledger.giveUpAll();
            LOG.log(Level.ERROR, "the file " + file.path() + (isDamaged ? " is damaged" : " was removed or replaced")
                    + "; the hub begins a new one, and clients that need older events are told about a gap");
        }
        if (isDamaged || !isEmptyAfterReopening()) {
            LOG.log(Level.ERROR, "the hub has renamed the file to " + file.setAside());
        }
        open();
        generation.incrementAndGet();
    }

    /** Returns false if the file that is at the path now is damaged, or has events: nobody knows how they fit to ours. */
    private boolean isEmptyAfterReopening() throws DatabaseException {
        try {
            file.reopen();
            return LogReader.of(file).state().newest() == 0;
        } catch (DatabaseException e) {
            if (e.kind() == DatabaseException.Kind.DAMAGED) {
                return false;
            }
            throw e;
        }
    }

    /** Overwrites what was removed with {@code forget}, when the log has nothing else to do. */
    void scrubLater() {
        scrubDue = true;
    }

    /**
     * Does what can wait. Called by the log's thread after each transaction.
     *
     * @param isIdle whether nothing else waits
     */
    void tidy(boolean isIdle) throws DatabaseException {
        long now = System.nanoTime();
        if (scrubDue && now - nextScrub >= (isIdle ? 0 : SCRUB_PAUSE_NANOS)) {
            try {
                scrubDue = !writer().scrub();
            } catch (DatabaseException e) {
                LOG.log(Level.WARNING, "deleted data cannot be overwritten yet: " + e.getMessage());
            }
            nextScrub = System.nanoTime() + Math.max(SCRUB_PAUSE_NANOS, SCRUB_PART * (System.nanoTime() - now));
        }
    }

    /** Closes the file. Called after the log's thread has ended. */
    @Override
    public void close() {
        copying.close();
        readers.close();
        try {
            file.close();
        } catch (DatabaseException e) {
            LOG.log(Level.WARNING, "the file " + file.path() + " could not be closed: " + e.getMessage());
        }
    }
}
