package dev.ssehub.history.file;

import module java.base;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The questions to the log. Used by one thread at a time. Each answer shows one committed state. While a consumer takes rows, the -wal
 * file cannot be emptied, so consumers must not wait. A consumer must not use the same reader.
 */
final class LogReader {
    /** An event without its content. */
    record Place(long position, boolean isPrivate, List<String> topics) {}

    /**
     * An event with a publisher's id.
     *
     * @param topic the canonical topic
     * @param event the event, or {@code null} if it was removed
     */
    record OwnId(String topic, long position, @Nullable Place event) {}

    /**
     * What the log has of a topic.
     *
     * @param lost the position of the newest event that was removed
     * @param oldest the position of the oldest event, 0 without events
     * @param oldestLogged its time, 0 without events
     */
    record Summary(long number, String name, long lost, long events, long size, long oldest, long oldestLogged) {}

    private static final Summary NO_PAST = new Summary(0, "", 0, 0, 0, 0, 0);
    private static final String EVENT = "e.position, e.id, e.topics, e.private, e.logged, e.frame";

    private final Session session;

    LogReader(Session session) {
        this.session = session;
    }

    /** Reads the events of a topic after a position, oldest first, until the consumer returns false. */
    void ofTopic(long topic, long after, int limit, Predicate<StoredEvent> consumer) throws LogFileException {
        session.query("SELECT " + EVENT + " FROM past p CROSS JOIN event e ON e.position = p.position"
                + " WHERE p.topic = ? AND p.position > ? ORDER BY p.position LIMIT ?", row -> consumer.test(event(row)), topic,
                after, limit);
    }

    /** Reads all events after a position, oldest first, until the consumer returns false. */
    void all(long after, Predicate<StoredEvent> consumer) throws LogFileException {
        session.query("SELECT " + EVENT + " FROM event e WHERE e.position > ? ORDER BY e.position",
                row -> consumer.test(event(row)), after);
    }

    /** Returns the newest events of a topic, newest first. */
    List<Place> newest(long topic, int limit) throws LogFileException {
        return session.list("SELECT e.position, e.private, e.topics FROM past p CROSS JOIN event e ON e.position = p.position"
                + " WHERE p.topic = ? ORDER BY p.position DESC LIMIT ?", LogReader::place, topic, limit);
    }

    /** Finds the events with a publisher's id, also removed ones, in no order. At most {@code limit} are returned. */
    List<OwnId> byOwnId(String id, int limit) throws LogFileException {
        return session
                .list("SELECT e.position, e.private, e.topics, o.topic, o.position FROM own_id o LEFT JOIN event e ON e.position"
                        + " = o.position WHERE o.id = ? LIMIT ?", row -> {
                            Place place = row.getString(3) == null ? null : place(row);
                            return new OwnId(row.getString(4), row.getLong(5), place);
                        }, id, limit);
    }

    /** Hands out what the log has of each topic. */
    void summary(Consumer<Summary> consumer) throws LogFileException {
        // Two queries take two thirds of the time of a join. The transaction lets both see the same state.
        Map<Long, Summary> pasts = new HashMap<>();
        session.update("BEGIN");
        try {
            session.query("SELECT topic, count(*), sum(size), min(position), logged FROM past GROUP BY topic", row -> {
                long topic = row.getLong(1);
                pasts.put(topic, new Summary(topic, "", 0, row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
                return true;
            });
            session.query("SELECT number, name, lost FROM topic ORDER BY number", row -> {
                long topic = row.getLong(1);
                Summary past = pasts.getOrDefault(topic, NO_PAST);
                consumer.accept(new Summary(topic, row.getString(2), row.getLong(3), past.events(), past.size(), past.oldest(),
                        past.oldestLogged()));
                return true;
            });
        } finally {
            session.update("COMMIT");
        }
    }

    /** Returns the position of each rule's mark. */
    Map<String, Long> marks() throws LogFileException {
        Map<String, Long> marks = new HashMap<>();
        session.query("SELECT rule, position FROM mark", row -> {
            marks.put(row.getString(1), row.getLong(2));
            return true;
        });
        return marks;
    }

    State state() throws LogFileException {
        return session
                .list("SELECT start, newest, logged FROM state", row -> new State(row.getLong(1), row.getLong(2), row.getLong(3)))
                .getFirst();
    }

    private static Place place(ResultSet row) throws SQLException {
        return new Place(row.getLong(1), row.getInt(2) != 0, topics(row.getString(3)));
    }

    private static StoredEvent event(ResultSet row) throws SQLException {
        return new StoredEvent(row.getLong(1), row.getString(2), topics(row.getString(3)), row.getInt(4) != 0, row.getLong(5),
                row.getBytes(6));
    }

    private static List<String> topics(String names) {
        return names.indexOf('\n') < 0 ? List.of(names) : List.of(names.split("\n"));
    }
}
