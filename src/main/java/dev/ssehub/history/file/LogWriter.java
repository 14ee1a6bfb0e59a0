package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Session;

/**
 * The statements that change the log. Used by one thread. All but {@link #forgetIds}, {@link #scrub}, {@link #erase} and the queries
 * run in a transaction of the caller, which calls {@link #rollback} after any failure.
 */
final class LogWriter {
    /**
     * The single values of the log.
     *
     * @param start the position before the first event
     * @param newest the position of the newest event that was ever added
     * @param logged the newest time of the log's clock, in milliseconds
     */
    record State(long start, long newest, long logged) {}

    /** The entry of an event in the past of a topic. */
    record Entry(long position, long size, long logged) {}

    /** How many events a part of a past has, and their size. */
    private record Part(long events, long size) {}

    private static final String UP_TO = "(SELECT position FROM past WHERE topic = ? AND position <= ?)";

    /** What a transaction has added to the past of a topic. */
    private static final class Growth {
        private final Event first;
        private long ended;
        private long events;
        private long size;

        Growth(Event first) {
            this.first = first;
        }
    }

    private final Session session;
    /** The growth of each topic, which is written before the commit. */
    private final Map<Long, Growth> growths = new HashMap<>();
    /** Held during a transaction. The checkpointer takes it between two of them. */
    private final ReentrantLock turn;

    private LogWriter(Session session, ReentrantLock turn) {
        this.session = session;
        this.turn = turn;
    }

    /** Opens the writer of a file. There must be one. */
    static LogWriter of(DatabaseFile file) throws DatabaseException {
        return new LogWriter(file.writer(), file.turn());
    }

    void begin() throws DatabaseException {
        turn.lock();
        session.begin();
    }

    void commit() throws DatabaseException {
        writeGrowths();
        session.commit();
        turn.unlock();
    }

    /** Undoes the transaction in progress. Does nothing outside of a transaction. */
    void rollback() throws DatabaseException {
        if (turn.isHeldByCurrentThread()) {
            growths.clear();
            try {
                session.rollback();
            } finally {
                turn.unlock();
            }
        }
    }

    /**
     * Adds an event to the past of its topics.
     *
     * @param topics the different numbers of its topics
     */
    void insert(Event event, List<Long> topics) throws DatabaseException {
        session.update(
                "INSERT INTO event(position, held, private, ends, logged, id, topics, frame) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                event.position(), topics.size(), event.isPrivate(), event.ends(), event.loggedMillis(),
                event.hasOwnId() ? event.id() : null, String.join("\n", event.topics()), event.frame());
        for (Long topic : topics) {
            session.update("INSERT INTO past(topic, position, size, logged) VALUES(?, ?, ?, ?)", topic, event.position(),
                    event.size(), event.loggedMillis());
            Growth growth = growths.computeIfAbsent(topic, _ -> new Growth(event));
            growth.ended = event.ends() ? event.position() : 0;
            growth.events++;
            growth.size += event.size();
        }
        if (event.hasOwnId()) {
            session.update("INSERT INTO own_id(id, topic, position, private, topics) VALUES(?, ?, ?, ?, ?)", event.id(),
                    event.topics().getFirst(), event.position(), event.isPrivate(), String.join("\n", event.topics()));
        }
    }

    private void writeGrowths() throws DatabaseException {
        for (Map.Entry<Long, Growth> entry : growths.entrySet()) {
            Growth growth = entry.getValue();
            session.update("""
                    UPDATE topic SET events = events + ?, size = size + ?, oldest = iif(events = 0, ?, oldest),
                        oldest_logged = iif(events = 0, ?, oldest_logged), ended = ? WHERE number = ?""", growth.events,
                    growth.size, growth.first.position(), growth.first.loggedMillis(), growth.ended, entry.getKey());
        }
        growths.clear();
    }

    /** Returns the number of a new topic. Numbers are never used again. */
    long createTopic(String name, long lost) throws DatabaseException {
        return session.number("INSERT INTO topic(name, lost) VALUES(?, ?) RETURNING number", name, lost);
    }

    /** Removes the past of a topic up to a position, and the events that have no other topic's past. */
    void remove(long topic, long upTo) throws DatabaseException {
        writeGrowths();
        Part removed = session.list("SELECT count(*), coalesce(sum(size), 0) FROM past WHERE topic = ? AND position <= ?",
                row -> new Part(row.getLong(1), row.getLong(2)), topic, upTo).getFirst();
        session.update("""
                INSERT INTO gone(id, topic, position)
                    SELECT id, substr(topics, 1, instr(topics || char(10), char(10)) - 1), position FROM event
                    WHERE held = 1 AND id IS NOT NULL AND position IN\s""" + UP_TO + " ORDER BY position", topic, upTo);
        session.update("DELETE FROM event WHERE held = 1 AND position IN " + UP_TO, topic, upTo);
        session.update("UPDATE event SET held = held - 1 WHERE position IN " + UP_TO, topic, upTo); // the others
        session.update("DELETE FROM past WHERE topic = ? AND position <= ?", topic, upTo);
        List<Entry> left = oldest(topic, upTo, 1);
        Entry oldest = left.isEmpty() ? new Entry(0, 0, 0) : left.getFirst();
        session.update("""
                UPDATE topic SET lost = max(lost, ?), events = events - ?, size = size - ?, oldest = ?, oldest_logged = ?
                    WHERE number = ?""", upTo, removed.events(), removed.size(), oldest.position(), oldest.logged(), topic);
    }

    /** Removes the row of a topic that has no past any more. */
    void closeTopic(long topic) throws DatabaseException {
        session.update("DELETE FROM topic WHERE number = ?", topic);
    }

    /** Counts a topic's events up to a position as lost, although they are not removed yet. */
    void setLost(long topic, long upTo) throws DatabaseException {
        session.update("UPDATE topic SET lost = max(lost, ?) WHERE number = ?", upTo, topic);
    }

    /** Forgets the publishers' ids of a topic's removed events, in a transaction of its own. */
    void forgetIds(String topic) throws DatabaseException {
        try {
            begin();
            session.update("DELETE FROM own_id WHERE (id, topic, position) IN"
                    + " (SELECT id, topic, position FROM gone WHERE topic = ?)", topic);
            session.update("DELETE FROM gone WHERE topic = ?", topic);
            session.update("UPDATE state SET scrub = 1");
            commit();
        } finally {
            rollback(); // after a failure
        }
    }

    /**
     * Writes the whole file anew, so that no byte of what was removed is left. SQLite overwrites what it deletes, but not the
     * copies that stay behind when it moves rows from page to page. Takes seconds for a large file, in which no event can be added,
     * and for a while twice the room of the file.
     *
     * @return false if a read, a backup or a checkpoint was in progress: then call {@link #erase} later
     */
    boolean scrub() throws DatabaseException {
        turn.lock();
        try {
            session.execute("PRAGMA temp_store = FILE"); // the copy would not fit into the memory
            session.execute("VACUUM");
        } finally {
            turn.unlock();
            session.execute("PRAGMA temp_store = MEMORY");
        }
        return erase();
    }

    /** Empties the -wal file, which has copies of removed bytes. Returns false if a read, a backup or a checkpoint was in progress. */
    boolean erase() throws DatabaseException {
        turn.lock();
        try {
            boolean erased = session.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
            if (erased) {
                session.update("UPDATE state SET scrub = 0");
            }
            return erased;
        } finally {
            turn.unlock();
        }
    }

    /** Returns whether a topic was forgotten since the last {@link #scrub}, perhaps before a restart. */
    boolean isScrubDue() throws DatabaseException {
        return session.number("SELECT scrub FROM state") == 1;
    }

    /** Forgets the oldest ids of removed events, at most so many, except the newest ones. */
    void trimOwnIds(int kept, int most) throws DatabaseException {
        String old = "number <= min((SELECT max(number) FROM gone) - ?, (SELECT min(number) FROM gone) - 1 + ?)";
        session.update(
                "DELETE FROM own_id WHERE (id, topic, position) IN (SELECT id, topic, position FROM gone WHERE " + old + ")",
                kept, most);
        session.update("DELETE FROM gone WHERE " + old, kept, most);
    }

    /** Sets the position up to which a rule has removed topics without leaving anything of them. */
    void setMark(String rule, long position) throws DatabaseException {
        session.update("INSERT INTO mark VALUES(?, ?) ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
                rule, position);
    }

    /**
     * Replaces all marks.
     *
     * @param text identifies the rules and their order
     */
    void setMarks(Map<String, Long> marks, String text) throws DatabaseException {
        session.update("DELETE FROM mark");
        for (Map.Entry<String, Long> mark : marks.entrySet()) {
            setMark(mark.getKey(), mark.getValue());
        }
        session.update("UPDATE state SET rules = ?", text);
    }

    /** Adds a start of the hub. Only the newest ones are kept. */
    void addRun(long started, long newest) throws DatabaseException {
        session.update("INSERT OR REPLACE INTO run VALUES(?, ?)", started, newest);
        session.update("DELETE FROM run WHERE started NOT IN (SELECT started FROM run ORDER BY started DESC LIMIT 1000)");
    }

    void setState(State state) throws DatabaseException {
        session.update("UPDATE state SET start = ?, newest = ?, logged = ?", state.start(), state.newest(), state.logged());
    }

    /** Returns whether the log has an event with this canonical topic and this publisher's id. */
    boolean holds(String topic, String ownId) throws DatabaseException {
        return session.number(
                """
                        SELECT 1 FROM own_id o WHERE o.id = ? AND o.topic = ? AND EXISTS(SELECT 1 FROM event e WHERE e.position = o.position)
                            ORDER BY o.position DESC LIMIT 1""",
                ownId, topic) == 1;
    }

    /** Returns the position of the newest event of a topic, or 0. */
    long newest(long topic) throws DatabaseException {
        return session.number("SELECT coalesce(max(position), 0) FROM past WHERE topic = ?", topic);
    }

    /** Returns the oldest entries of a topic after a position. */
    List<Entry> oldest(long topic, long after, int limit) throws DatabaseException {
        return session.list("SELECT position, size, logged FROM past WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
                row -> new Entry(row.getLong(1), row.getLong(2), row.getLong(3)), topic, after, limit);
    }
}
