package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.Newest;
import dev.ssehub.history.Query;
import dev.ssehub.history.Reading;
import dev.ssehub.history.Selection;
import dev.ssehub.history.Slice;
import dev.ssehub.history.database.DatabaseException;
import java.lang.System.Logger.Level;

/** Reads the events of the file, if the newest events in memory do not suffice. Thread-safe. */
final class FileReads {
    private static final System.Logger LOG = System.getLogger(FileReads.class.getName());
    private static final int NEWEST_AT_ONCE = 256;
    /** The pause after a failed read. The subscriber tries again. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final LogFile log;
    private final Ledger ledger;
    private final LogThread thread;

    FileReads(LogFile log, Ledger ledger, LogThread thread) {
        this.log = log;
        this.ledger = ledger;
        this.thread = thread;
    }

    /** Returns the events with this id of a publisher. */
    List<Event> byOwnId(String id) {
        return ask(reader -> reader.byOwnId(id));
    }

    /** See {@link dev.ssehub.history.History#beforeLast}. */
    long beforeLast(int count, Selection selection, Predicate<Event> mayReceive) {
        Newest newest = new Newest(count, mayReceive);
        if (selection.usesTopics(0)) {
            for (LogReader.Part part : ledger.parts(selection, 0)) {
                collect(newest, part.after(), before -> ask(reader -> reader.newest(part.number(), before, NEWEST_AT_ONCE)),
                        _ -> true);
            }
        } else {
            collect(newest, 0, before -> ask(reader -> reader.newest(before, NEWEST_AT_ONCE)),
                    event -> isHeld(event, selection));
        }
        return newest.before(log.beginning());
    }

    /** Collects events from the newest one on, page by page. */
    private static void collect(Newest newest, long after, LongFunction<List<Event>> pageBefore, Predicate<Event> wanted) {
        for (long before = Long.MAX_VALUE; before > after;) {
            List<Event> page = pageBefore.apply(before);
            for (Event event : page) {
                if (event.position() <= after || (wanted.test(event) && !newest.take(event))) {
                    return;
                }
            }
            before = page.size() < NEWEST_AT_ONCE ? after : page.getLast().position();
        }
    }

    private boolean isHeld(Event event, Selection selection) {
        return ledger.holds(event, selection.selectors());
    }

    private <T> T ask(Readers.Task<T> task) {
        int generation = log.generation();
        try {
            return log.readers().run(task);
        } catch (DatabaseException e) {
            failed(e, generation);
            throw new HistoryUnavailableException("the hub cannot read the past now: " + e.kind().reason(), e);
        }
    }

    private void failed(DatabaseException e, int generation) {
        if (e.kind() == DatabaseException.Kind.DAMAGED) {
            thread.replaceDamaged(generation);
        } else {
            LOG.log(Level.DEBUG, "the file of the history cannot be read", e); // a write has the same failure, and tells it
        }
    }

    /** See {@link dev.ssehub.history.History#read}. */
    Slice read(Query query) {
        Slice recent = ledger.readRecent(query);
        if (recent != null) {
            return recent;
        }
        try {
            return ask(reader -> read(reader, query));
        } catch (HistoryUnavailableException e) { // no stream ends because of this
            if (e.getCause() != null && !(e.getCause() instanceof DatabaseException)) {
                LOG.log(Level.WARNING, "a subscriber will read the past again in a moment", e);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            return new Slice(0, query.told(), List.of(), query.after(), false);
        }
    }

    private Slice read(LogReader reader, Query query) throws DatabaseException {
        Reading reading = new Reading(query);
        Selection selection = query.selection();
        long last = ledger.endOfRead(query.after());
        long upTo;
        if (selection.usesTopics(query.after())) {
            List<LogReader.Part> parts = ledger.parts(selection, query.after());
            long end = Math.min(last, selection.horizon());
            upTo = reader.read(parts, end, reading);
        } else {
            upTo = reader.read(event -> isHeld(event, selection), last, reading);
        }
        return ledger.result(query, reading.events(), upTo);
    }
}
