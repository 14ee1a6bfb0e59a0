package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;

/**
 * The statements that change the log. Used by one thread. All but {@link #scrub}, {@link #erase} and the queries run in a
 * transaction of the caller, which calls {@link #rollback} after any failure.
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

    private static final String UP_TO = "(SELECT position FROM past WHERE topic = ? AND position <= ?)";

    /** Stands for the number of a topic without a past. */
    static final long NO_TOPIC = 0;

    private final Session session;
    /** Held during a transaction. The checkpointer takes it between two of them. */
    private final ReentrantLock turn;

    LogWriter(Session session, ReentrantLock turn) {
        this.session = session;
        this.turn = turn;
    }

    void begin() throws LogFileException {
        turn.lock();
        session.begin();
    }

    void commit() throws LogFileException {
        session.commit();
        turn.unlock();
    }

    /** Undoes the transaction in progress. Does nothing outside of a transaction. */
    void rollback() throws LogFileException {
        if (turn.isHeldByCurrentThread()) {
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
    void insert(Event event, List<Long> topics) throws LogFileException {
        session.update("INSERT INTO event(position, held, private, logged, id, topics, frame) VALUES(?, ?, ?, ?, ?, ?, ?)",
                event.position(), topics.size(), event.isPrivate(), event.loggedMillis(), event.hasOwnId() ? event.id() : null,
                String.join("\n", event.topics()), event.frame());
        for (Long topic : topics) {
            session.update("INSERT INTO past(topic, position, size, logged) VALUES(?, ?, ?, ?)", topic, event.position(),
                    event.size(),
                    event.loggedMillis());
        }
        if (event.hasOwnId()) {
            session.update("INSERT INTO own_id(id, topic, position, private, topics) VALUES(?, ?, ?, ?, ?)", event.id(),
                    event.topics().getFirst(), event.position(), event.isPrivate(), String.join("\n", event.topics()));
        }
    }

    /** Returns the number of a new topic. Numbers are never used again. */
    long createTopic(String name, long lost) throws LogFileException {
        return session.number("INSERT INTO topic(name, lost) VALUES(?, ?) RETURNING number", name, lost);
    }

    /** Removes the past of a topic up to a position, and the events that have no other topic's past. */
    void remove(long topic, long upTo) throws LogFileException {
        session.update("""
                INSERT INTO gone(id, topic, position)
                    SELECT id, substr(topics, 1, instr(topics || char(10), char(10)) - 1), position FROM event
                    WHERE held = 1 AND id IS NOT NULL AND position IN\s""" + UP_TO + " ORDER BY position", topic, upTo);
        session.update("DELETE FROM event WHERE held = 1 AND position IN " + UP_TO, topic, upTo);
        session.update("UPDATE event SET held = held - 1 WHERE position IN " + UP_TO, topic, upTo); // the others
        session.update("DELETE FROM past WHERE topic = ? AND position <= ?", topic, upTo);
        session.update("UPDATE topic SET lost = max(lost, ?) WHERE number = ?", upTo, topic);
    }

    /** Removes the row of a topic that has no past any more. */
    void closeTopic(long topic) throws LogFileException {
        session.update("DELETE FROM topic WHERE number = ?", topic);
    }

    /**
     * Forgets a topic in a transaction of its own, with the ids of its events.
     *
     * @param number the number of the topic, or {@link #NO_TOPIC} if it has no past
     * @param rule the rule that remembers the loss
     * @param newest the position of the newest event of the topic
     */
    void forget(String topic, long number, String rule, long newest) throws LogFileException {
        try {
            begin();
            if (number != NO_TOPIC) {
                dropTopic(number);
                setMark(rule, newest);
            }
            session.update(
                    "DELETE FROM own_id WHERE (id, topic, position) IN (SELECT id, topic, position FROM gone WHERE topic = ?)",
                    topic);
            session.update("DELETE FROM gone WHERE topic = ?", topic);
            commit();
        } finally {
            rollback(); // after a failure
        }
    }

    /**
     * Removes a topic and its past. An event that has other topics stays, with the names of all its topics.
     * Some bytes can stay in the file until {@link #scrub}.
     */
    private void dropTopic(long topic) throws LogFileException {
        remove(topic, Long.MAX_VALUE);
        closeTopic(topic);
    }

    /**
     * Writes the whole file anew, so that no byte of what was removed is left. SQLite overwrites what it deletes, but not the
     * copies that stay behind when it moves rows from page to page. Takes seconds for a large file, in which no event can be added,
     * and for a while twice the room of the file.
     *
     * @return false if a read, a backup or a checkpoint was in progress: then call {@link #erase} later
     */
    boolean scrub() throws LogFileException {
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
    boolean erase() throws LogFileException {
        turn.lock();
        try {
            return session.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
        } finally {
            turn.unlock();
        }
    }

    /** Forgets the oldest ids of removed events, at most so many, except the newest ones. */
    void trimOwnIds(int kept, int most) throws LogFileException {
        String old = "number <= min((SELECT max(number) FROM gone) - ?, (SELECT min(number) FROM gone) - 1 + ?)";
        session.update(
                "DELETE FROM own_id WHERE (id, topic, position) IN (SELECT id, topic, position FROM gone WHERE " + old + ")",
                kept, most);
        session.update("DELETE FROM gone WHERE " + old, kept, most);
    }

    /** Sets the position up to which a rule has removed topics without leaving anything of them. */
    void setMark(String rule, long position) throws LogFileException {
        session.update("INSERT INTO mark VALUES(?, ?) ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
                rule, position);
    }

    /**
     * Replaces all marks.
     *
     * @param text identifies the rules and their order
     */
    void setMarks(Map<String, Long> marks, String text) throws LogFileException {
        session.update("DELETE FROM mark");
        for (Map.Entry<String, Long> mark : marks.entrySet()) {
            setMark(mark.getKey(), mark.getValue());
        }
        session.update("UPDATE state SET rules = ?", text);
    }

    /** Adds a start of the hub. Only the newest ones are kept. */
    void addRun(long started, long newest) throws LogFileException {
        session.update("INSERT OR REPLACE INTO run VALUES(?, ?)", started, newest);
        session.update("DELETE FROM run WHERE started NOT IN (SELECT started FROM run ORDER BY started DESC LIMIT 1000)");
    }

    void setState(State state) throws LogFileException {
        session.update("UPDATE state SET start = ?, newest = ?, logged = ?", state.start(), state.newest(), state.logged());
    }

    /** Returns whether the log has an event with this canonical topic and this publisher's id. */
    boolean holds(String topic, String ownId) throws LogFileException {
        return session.number(
                """
                        SELECT 1 FROM own_id o WHERE o.id = ? AND o.topic = ? AND EXISTS(SELECT 1 FROM event e WHERE e.position = o.position)
                            ORDER BY o.position DESC LIMIT 1""",
                ownId, topic) == 1;
    }

    /** Returns the position of the newest event of a topic, or 0. */
    long newest(long topic) throws LogFileException {
        return session.number("SELECT coalesce(max(position), 0) FROM past WHERE topic = ?", topic);
    }

    /** Returns the oldest entries of a topic after a position. */
    List<Entry> oldest(long topic, long after, int limit) throws LogFileException {
        return session.list("SELECT position, size, logged FROM past WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
                row -> new Entry(row.getLong(1), row.getLong(2), row.getLong(3)), topic, after, limit);
    }
}
