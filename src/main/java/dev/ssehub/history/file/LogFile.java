package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.Rule;
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
    /** Whether a topic was forgotten since the last scrub. For the log's thread, like {@code nextScrub}. */
    private boolean scrubDue;
    private long nextScrub = System.nanoTime();

    /** Takes an open file. */
    LogFile(DatabaseFile file, long beginning) throws LogFileException {
        this.file = file;
        this.beginning = beginning;
        open();
        this.copying = PeriodicTask.start("history-checkpointer", BETWEEN_COPIES, this::copy);
    }

    private void open() throws LogFileException {
        LogWriter opened = file.writer();
        synchronized (copies) {
            checkpointer = new Checkpointer(file.copying(), file.turn());
        }
        readers.resume(file);
        writer = opened;
    }

    private void copy() {
        synchronized (copies) {
            try {
                if (checkpointer != null) {
                    checkpointer.run();
                }
            } catch (LogFileException e) {
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
    LogWriter writer() throws LogFileException {
        if (writer == null) {
            throw new LogFileException(LogFileException.Kind.REPLACED, "the file " + file.path() + " cannot be opened");
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
    void replace(Ledger ledger) throws LogFileException {
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
    private boolean isEmptyAfterReopening() throws LogFileException {
        try {
            file.reopen();
            return file.reader().state().newest() == 0;
        } catch (LogFileException e) {
            if (e.kind() == LogFileException.Kind.DAMAGED) {
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
    void tidy(boolean isIdle) throws LogFileException {
        long now = System.nanoTime();
        if (scrubDue && now - nextScrub >= (isIdle ? 0 : SCRUB_PAUSE_NANOS)) {
            try {
                scrubDue = !writer().scrub();
            } catch (LogFileException e) {
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
        } catch (LogFileException e) {
            LOG.log(Level.WARNING, "the file " + file.path() + " could not be closed: " + e.getMessage());
        }
    }

    /** Copies what was committed from the -wal file into the file. Used by one thread, which is not the one that writes. */
    static final class Checkpointer {
        // SQLite would do this within a commit, which then takes as long as the disk. Here the copying runs beside the writer. The next
        // commit after a complete copy uses the -wal file from its beginning again. Next to a writer that never rests, no copy is ever
        // complete, so the last short part of a long -wal file is copied between two transactions of the writer.

        /** The number of pages in the -wal file from which on the writer is stopped for the last part. */
        private static final int MANY_PAGES = 4_000;
        /** From here on, it is stopped even if the last part is not short, because the writer is faster than the disk. */
        private static final int TOO_MANY_PAGES = 16_000;
        /** About the number of pages that are copied while the writer is stopped. */
        private static final int FEW_PAGES = 200;
        private static final int MAX_COPIES = 5;

        private final Session session;
        private final Lock turn;
        private long pages;

        Checkpointer(Session session, Lock turn) {
            this.session = session;
            this.turn = turn;
        }

        /** Copies. To be called every second or so. A read or a backup in progress only delays the copy. */
        void run() throws LogFileException {
            long before;
            int copies = 0;
            do { // what was committed during one copy is the work of the next
                before = pages;
                copy();
                copies++;
            } while (copies < MAX_COPIES && Math.abs(pages - before) > FEW_PAGES);
            boolean fewLeft = Math.abs(pages - before) <= FEW_PAGES;
            if (pages > (fewLeft ? MANY_PAGES : TOO_MANY_PAGES)) {
                turn.lock();
                try {
                    copy();
                } finally {
                    turn.unlock();
                }
            }
        }

        private void copy() throws LogFileException {
            session.query("PRAGMA wal_checkpoint(PASSIVE)", row -> {
                pages = row.getLong(2);
                return false;
            });
        }

        /** Returns the number of pages in the -wal file at the last run. */
        long pages() {
            return pages;
        }
    }
}
