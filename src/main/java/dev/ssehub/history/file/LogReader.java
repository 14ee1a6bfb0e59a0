package dev.ssehub.history.file;

import module java.base;
import dev.ssehub.event.Event;
import dev.ssehub.history.Reading;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The queries that read the log. Used by one thread at a time. Each answer shows one committed state. While a consumer takes rows, the -wal
 * file cannot be emptied, so consumers must not wait. A consumer must not use the same reader.
 */
final class LogReader {
    /**
     * What the log has of a topic.
     *
     * @param lost the position of the newest event that was removed
     * @param oldest the position of the oldest event, 0 without events
     * @param oldestLogged its time, 0 without events
     * @param end the newest event, without its frame, if it ends the topic; otherwise {@code null}
     */
    record Summary(long number, String name, long lost, long events, long size, long oldest, long oldestLogged,
            @Nullable Event end) {}

    /** A topic of a selection, and the position after which it has events. */
    record Part(long number, long after) {}

    /** The positions of each topic that one read looks at. */
    private static final int POSITIONS = 64;
    private static final String EVENT = "e.position, e.id, e.topics, e.private, e.logged, e.ends, e.frame";

    private static final String WITHOUT_FRAME = "e.position, e.id, e.topics, e.private, e.logged, e.ends, X''";

    private final Session session;

    private LogReader(Session session) {
        this.session = session;
    }

    /** Opens a reader of a file. */
    static LogReader of(DatabaseFile file) throws DatabaseException {
        return new LogReader(file.reader());
    }

    /** Reads the events of a topic after a position, oldest first, until the consumer returns false. */
    void ofTopic(long topic, long after, Predicate<Event> consumer) throws DatabaseException {
        session.query("SELECT " + EVENT + " FROM past p CROSS JOIN event e ON e.position = p.position"
                + " WHERE p.topic = ? AND p.position > ? ORDER BY p.position", row -> consumer.test(event(row)), topic, after);
    }

    /** Reads all events after a position, oldest first, until the consumer returns false. */
    void all(long after, Predicate<Event> consumer) throws DatabaseException {
        session.query("SELECT " + EVENT + " FROM event e WHERE e.position > ? ORDER BY e.position",
                row -> consumer.test(event(row)), after);
    }

    /** Reads the events of some topics up to a position. Returns the position up to which all were read. */
    long read(List<Part> parts, long end, Reading reading) throws DatabaseException {
        return parts.size() == 1 ? read(parts.getFirst(), end, reading) : merge(parts, end, reading);
    }

    private long read(Part part, long end, Reading reading) throws DatabaseException {
        AtomicBoolean isFull = new AtomicBoolean();
        ofTopic(part.number(), part.after(), event -> {
            if (event.position() > end) {
                return false;
            }
            isFull.set(!reading.take(event));
            return !isFull.get();
        });
        return isFull.get() ? reading.upTo() : end;
    }

    private long merge(List<Part> parts, long end, Reading reading) throws DatabaseException {
        NavigableSet<Long> positions = new TreeSet<>();
        long known = end;
        for (Part part : parts) {
            List<Long> next = positions(part.number(), part.after(), POSITIONS);
            positions.addAll(next);
            known = next.size() == POSITIONS ? Math.min(known, next.getLast()) : known;
        }
        for (long position : positions.headSet(known, true)) {
            Event event = at(position);
            if (event != null && !reading.take(event)) {
                return reading.upTo();
            }
        }
        return known;
    }

    /** Reads the wanted events of all topics up to a position. Returns the position up to which all were read. */
    long read(Predicate<Event> wanted, long end, Reading reading) throws DatabaseException {
        AtomicBoolean isFull = new AtomicBoolean();
        all(reading.upTo(), event -> {
            if (event.position() > end) {
                return false;
            }
            isFull.set(!(wanted.test(event) ? reading.take(event) : reading.skip(event.position())));
            return !isFull.get();
        });
        return isFull.get() ? reading.upTo() : end;
    }

    /** Returns the positions of a topic's events after a position, oldest first. */
    List<Long> positions(long topic, long after, int limit) throws DatabaseException {
        return session.list("SELECT position FROM past WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
                row -> row.getLong(1), topic, after, limit);
    }

    /** Returns the event with this position, or {@code null}. */
    @Nullable
    Event at(long position) throws DatabaseException {
        List<Event> found = session.list("SELECT " + EVENT + " FROM event e WHERE e.position = ?", LogReader::event, position);
        return found.isEmpty() ? null : found.getFirst();
    }

    /** Returns the newest events of a topic before a position, newest first, without their frames. */
    List<Event> newest(long topic, long before, int limit) throws DatabaseException {
        return session.list("SELECT " + WITHOUT_FRAME + " FROM past p CROSS JOIN event e ON e.position = p.position"
                + " WHERE p.topic = ? AND p.position < ? ORDER BY p.position DESC LIMIT ?", LogReader::event, topic, before,
                limit);
    }

    /** Returns the newest of all events before a position, newest first, without their frames. */
    List<Event> newest(long before, int limit) throws DatabaseException {
        return session.list("SELECT " + WITHOUT_FRAME + " FROM event e WHERE e.position < ? ORDER BY e.position DESC LIMIT ?",
                LogReader::event, before, limit);
    }

    /** Finds the events with a publisher's id, also removed ones, without their frames. Returns at most two, in no order. */
    List<Event> byOwnId(String id) throws DatabaseException {
        return session.list("SELECT position, id, topics, private, 0, 0, X'' FROM own_id WHERE id = ? LIMIT 2", LogReader::event,
                id);
    }

    /** Passes what the log has of each topic to the consumer. */
    void summary(Consumer<Summary> consumer) throws DatabaseException {
        session.query("SELECT " + WITHOUT_FRAME + ", number, name, lost, events, size, oldest, oldest_logged"
                + " FROM topic t LEFT JOIN event e ON e.position = t.ended ORDER BY number", row -> {
                    Event end = row.getLong(1) == 0 ? null : event(row);
                    consumer.accept(new Summary(row.getLong(8), row.getString(9), row.getLong(10), row.getLong(11),
                            row.getLong(12), row.getLong(13), row.getLong(14), end));
                    return true;
                });
    }

    /** Returns the starts of the hub: the newest position before each, and the position at which it started. */
    NavigableMap<Long, Long> runs() throws DatabaseException {
        NavigableMap<Long, Long> runs = new TreeMap<>();
        session.query("SELECT newest, started FROM run ORDER BY started", row -> {
            runs.put(row.getLong(1), row.getLong(2));
            return true;
        });
        return runs;
    }

    /** Returns the position of each rule's mark. */
    Map<String, Long> marks() throws DatabaseException {
        Map<String, Long> marks = new HashMap<>();
        session.query("SELECT rule, position FROM mark", row -> {
            marks.put(row.getString(1), row.getLong(2));
            return true;
        });
        return marks;
    }

    /** Returns the text that was set with the marks. */
    String rules() throws DatabaseException {
        return session.list("SELECT rules FROM state", row -> row.getString(1)).getFirst();
    }

    LogWriter.State state() throws DatabaseException {
        return session
                .list("SELECT start, newest, logged FROM state",
                        row -> new LogWriter.State(row.getLong(1), row.getLong(2), row.getLong(3)))
                .getFirst();
    }

    private static Event event(ResultSet row) throws SQLException {
        return new Event(row.getLong(1), row.getString(2), row.getLong(5), topics(row.getString(3)), row.getInt(4) != 0,
                row.getInt(6) != 0, row.getBytes(7));
    }

    private static List<String> topics(String names) {
        return names.indexOf('\n') < 0 ? List.of(names) : List.of(names.split("\n"));
    }
}
