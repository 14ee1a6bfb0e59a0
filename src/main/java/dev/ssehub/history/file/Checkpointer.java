package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.Session;

/** Copies what was committed from the -wal file into the file. Used by one thread, which is not the one that writes. */
final class Checkpointer {
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
    void run() throws DatabaseException {
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

    private void copy() throws DatabaseException {
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
