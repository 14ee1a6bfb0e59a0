package dev.ssehub.history.database;

import module java.base;

/** The tables, and how an older file gets them. */
final class Schema {
    /** Marks a SQLite file as ours: "sseh". */
    static final int APPLICATION_ID = 0x73736568;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int APPLICATION_ID_OFFSET = 68;

    private static final List<String> FIRST = List.of(
            """
                    CREATE TABLE event(position INTEGER PRIMARY KEY, held INTEGER NOT NULL, private INTEGER NOT NULL, logged INTEGER NOT NULL,
                        id TEXT, topics TEXT NOT NULL, frame BLOB NOT NULL)""",
            """
                    CREATE TABLE topic(number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, lost INTEGER NOT NULL)""",
            """
                    CREATE TABLE past(topic INTEGER NOT NULL, position INTEGER NOT NULL, size INTEGER NOT NULL, logged INTEGER NOT NULL,
                        PRIMARY KEY(topic, position)) WITHOUT ROWID""",
            """
                    CREATE TABLE own_id(id TEXT NOT NULL, topic TEXT NOT NULL, position INTEGER NOT NULL, private INTEGER NOT NULL,
                        topics TEXT NOT NULL, PRIMARY KEY(id, topic, position))
                        WITHOUT ROWID""",
            """
                    CREATE TABLE gone(number INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, position INTEGER NOT NULL)""",
            """
                    CREATE TABLE mark(rule TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID""", """
                    CREATE TABLE state(only INTEGER PRIMARY KEY CHECK(only = 1), start INTEGER NOT NULL, newest INTEGER NOT NULL,
                        logged INTEGER NOT NULL, rules TEXT NOT NULL)""", """
                    CREATE TABLE run(started INTEGER PRIMARY KEY, newest INTEGER NOT NULL)""", """
                    INSERT INTO state VALUES(1, 0, 0, 0, '')""");

    /**
     * What brings a file of one version to the next. A new file has version 0.
     *
     * <p>event.held is the number of topics whose past has the event. The event goes with the last of them. past is the index by topic.
     * own_id keeps the publishers' ids, also of some removed events. gone has the ids of removed events in the order of their
     * removal. A topic's number is never used again, so a reader with an old number cannot read another topic. run has, for each
     * start of a hub, the newest position before it and the first one after it: the file has never had a position between them.
     * events, size, oldest and oldest_logged of a topic sum up its past, so that a start need not read the past. state.scrub tells
     * that copies of forgotten bytes may be left in the file. topic.ended is the position of the topic's newest event if that
     * ends the topic, otherwise 0.
     */
    static final List<List<String>> STEPS = List.of(FIRST, List.of(
            "ALTER TABLE topic ADD COLUMN events INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE topic ADD COLUMN size INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE topic ADD COLUMN oldest INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE topic ADD COLUMN oldest_logged INTEGER NOT NULL DEFAULT 0",
            """
                    UPDATE topic SET (events, size, oldest, oldest_logged) =
                        (SELECT count(*), coalesce(sum(size), 0), coalesce(min(position), 0), coalesce(logged, 0) FROM past
                            WHERE past.topic = topic.number)""",
            "ALTER TABLE state ADD COLUMN scrub INTEGER NOT NULL DEFAULT 0"),
            List.of(
                    "ALTER TABLE event ADD COLUMN ends INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE topic ADD COLUMN ended INTEGER NOT NULL DEFAULT 0"));

    static final int VERSION = STEPS.size();

    private Schema() {}

    /**
     * Refuses a file that is not the hub's before SQLite opens it, which could change it. No session is open now, so this process has
     * no locks on the file to lose.
     *
     * @param isOurs whether a hub has used the file before, so that it is damaged if it is not a database
     */
    static void refuseForeign(Path file, boolean isOurs) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(APPLICATION_ID_OFFSET + Integer.BYTES);
        try (FileChannel channel = FileChannel.open(file)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // until the header is complete
            }
        }
        boolean database = !header.hasRemaining() && header.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
        if (database && header.getInt(APPLICATION_ID_OFFSET) != APPLICATION_ID) {
            throw new DatabaseException(DatabaseException.Kind.OTHER, "the file " + file + " is a database of another program");
        } else if (!database && header.position() > 0 && !isOurs) {
            throw new DatabaseException(DatabaseException.Kind.OTHER, "the file " + file + " is not a database of the hub");
        }
    }

    /** Brings the file to our version, in one transaction. */
    static void upgrade(Path file, Session session) throws DatabaseException {
        long version = session.number("PRAGMA user_version");
        if (version > VERSION) {
            throw new DatabaseException(DatabaseException.Kind.OTHER,
                    "the file " + file + " was written by a newer version of the hub: it has"
                            + " version " + version + ", and this hub knows versions up to " + VERSION);
        } else if (version == VERSION) {
            return;
        }
        if (version == 0) {
            session.execute("PRAGMA auto_vacuum = INCREMENTAL"); // has an effect only before the first table
        }
        session.transaction(() -> {
            session.execute("PRAGMA application_id = " + APPLICATION_ID);
            for (List<String> step : STEPS.subList(Math.toIntExact(version), VERSION)) {
                for (String statement : step) {
                    session.execute(statement);
                }
            }
            session.execute("PRAGMA user_version = " + VERSION);
        });
    }
}
