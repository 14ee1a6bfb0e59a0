package dev.ssehub.history.database;

import module java.base;
import dev.ssehub.history.database.DatabaseException.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The SQLite file of the log, open and locked for this hub. One thread may use it, except {@link #isInPlace}, which any thread may
 * call. Sessions belong to the file and are closed with it.
 */
public final class DatabaseFile implements Closeable {
    private static final List<String> COMPANIONS = List.of("-wal", "-shm", "-journal");
    /** How long a session waits for another one, or for a backup that holds a lock. */
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(2);
    /** The memory for pages that the writer has read or changed, in KiB. */
    private static final int WRITER_CACHE = 16_384;
    /** The bytes of the -wal file that are kept when it is used from its beginning again. */
    private static final int WAL_KEPT = 32 << 20;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private final Path file;
    private final Sync sync;
    private final FileGuard guard;
    private final List<Session> sessions = new ArrayList<>();
    /** Fair, so that the writer does not overtake the checkpointer. */
    private final ReentrantLock turn = new ReentrantLock(true);
    private @Nullable Path damaged;
    private volatile @Nullable Object key;

    private DatabaseFile(Path file, Sync sync, FileGuard guard) {
        this.file = file;
        this.sync = sync;
        this.guard = guard;
    }

    /**
     * Opens the file, or creates it. A damaged file is set aside, see {@link #damaged}.
     *
     * @throws DatabaseException if this is impossible, or if the file belongs to another hub, program or newer version
     */
    public static DatabaseFile open(Path path, Sync sync) throws DatabaseException {
        Path file = resolve(path);
        FileGuard guard = FileGuard.lock(file);
        DatabaseFile opened = new DatabaseFile(file, sync, guard);
        try {
            NativeLibrary.load(Objects.requireNonNull(file.getParent()));
            try {
                opened.prepare();
            } catch (DatabaseException e) {
                if (e.kind() != Kind.DAMAGED) {
                    throw e;
                }
                opened.setAside();
            }
            guard.use();
            return opened;
        } catch (DatabaseException | RuntimeException | Error e) {
            try {
                opened.close();
            } catch (DatabaseException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** Returns the path without links, so that two names of a file have the same lock. */
    static Path resolve(Path path) throws DatabaseException {
        try {
            Path absolute = path.toAbsolutePath();
            Path file = Files.exists(absolute)
                    ? absolute.toRealPath()
                    : Objects.requireNonNull(absolute.getParent()).toRealPath().resolve(absolute.getFileName());
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new FileSystemException(path.toString(), null,
                        Files.isDirectory(file) ? "it is a directory" : "it is not a regular file");
            } else if (file.toString().contains("?")) {
                throw new FileSystemException(path.toString(), null, "the name must not contain a question mark");
            }
            return file;
        } catch (IOException e) {
            throw DatabaseException.of(path, e);
        }
    }

    /** Creates the file if it is missing, checks that no other program has made it, and upgrades it to this version. */
    private void prepare() throws DatabaseException {
        boolean isNew = !Files.exists(file);
        try {
            prepare(isNew);
        } catch (DatabaseException e) {
            closeSessions();
            delete(isNew ? List.of("", "-wal", "-shm", "-journal") : List.of()); // half a file is of no use
            throw e;
        }
    }

    private void prepare(boolean isNew) throws DatabaseException {
        try {
            if (isNew) {
                Files.createFile(file, FileGuard.OWNER_ALONE);
            }
            Schema.refuseForeign(file, guard.isOurs());
            FileGuard.narrow(file);
            for (String companion : COMPANIONS) {
                FileGuard.narrow(companion(file, companion));
            }
            key = key();
        } catch (IOException e) {
            throw e instanceof DatabaseException known ? known : DatabaseException.of(file, e);
        }
        Session session = connect(false, BUSY_TIMEOUT);
        Schema.upgrade(file, session);
        // after the upgrade, so that the first header that is written to the file itself has the application id
        session.execute("PRAGMA journal_mode = WAL");
        closeSessions();
    }

    /** Opens the session that writes. There must be one. */
    public Session writer() throws DatabaseException {
        Session session = connect(false, BUSY_TIMEOUT);
        session.execute("PRAGMA cache_size = -" + WRITER_CACHE);
        // VACUUM makes an unnamed copy of the file; the folder for temporary files can be small, or not writable
        session.execute("PRAGMA temp_store_directory = '" + file.resolveSibling("").toString().replace("'", "''") + "'");
        return session;
    }

    /** Opens a session that only reads. */
    public Session reader() throws DatabaseException {
        return connect(true, BUSY_TIMEOUT);
    }

    /** Opens a session for copying the -wal file into the file. */
    public Session copying() throws DatabaseException {
        return connect(false, Duration.ZERO);
    }

    /** Returns the lock that is held during a transaction of the writer. */
    public ReentrantLock turn() {
        return turn;
    }

    private Session connect(boolean readOnly, Duration busyTimeout) throws DatabaseException {
        Session session = Session.open(file, readOnly, busyTimeout);
        sessions.add(readOnly ? 0 : sessions.size(), session); // the last one to close copies the -wal file
        session.execute("PRAGMA temp_store = MEMORY");
        session.execute("PRAGMA cell_size_check = ON");
        session.execute("PRAGMA synchronous = " + (sync == Sync.DISK ? "FULL" : "NORMAL"));
        session.execute("PRAGMA secure_delete = ON");
        session.execute("PRAGMA wal_autocheckpoint = 0"); // see the log's checkpointer
        session.execute("PRAGMA journal_size_limit = " + WAL_KEPT);
        return session;
    }

    /**
     * Closes all sessions, renames the damaged file, and begins a new one.
     *
     * @return the new name of the damaged file
     */
    public Path setAside() throws DatabaseException {
        closeSessions();
        String name = file.getFileName() + ".damaged-" + LocalDateTime.now(ZoneId.systemDefault()).format(TIME);
        try {
            Path target = file.resolveSibling(name);
            for (int i = 2; Files.exists(target); i++) {
                target = file.resolveSibling(name + "-" + i);
            }
            // The file comes last: SQLite would apply the -wal file of the old file to a new one.
            for (String companion : COMPANIONS) {
                if (Files.exists(companion(file, companion))) {
                    Files.move(companion(file, companion), companion(target, companion));
                }
            }
            if (Files.exists(file)) {
                Files.move(file, target);
            }
            damaged = target;
            prepare();
            return target;
        } catch (DatabaseException e) {
            throw e;
        } catch (IOException e) {
            throw DatabaseException.of(file, e);
        }
    }

    /** Returns the path of the file, without links. */
    public Path path() {
        return file;
    }

    /** Returns the new name of the file that was last set aside, or {@code null}. */
    public @Nullable Path damaged() {
        return damaged;
    }

    /** Closes all sessions, and opens the file that is at the path now, or creates it. For a file that is no longer in place. */
    public void reopen() throws DatabaseException {
        closeSessions();
        delete(List.of("-wal", "-shm")); // SQLite would apply the -wal file of the old file to the new one
        prepare();
    }

    private void delete(List<String> suffixes) throws DatabaseException {
        try {
            for (String suffix : suffixes) {
                Files.deleteIfExists(companion(file, suffix));
            }
        } catch (IOException e) {
            throw DatabaseException.of(file, e);
        }
    }

    /** Returns whether the path still leads to the file that is open. Takes some microseconds. */
    public boolean isInPlace() {
        try {
            return Objects.equals(key, key());
        } catch (IOException _) {
            return false;
        }
    }

    private @Nullable Object key() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private static Path companion(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private void closeSessions() throws DatabaseException {
        try {
            for (Session session : List.copyOf(sessions)) {
                session.close();
            }
        } finally {
            sessions.clear();
        }
    }

    @Override
    public void close() throws DatabaseException {
        try (guard) {
            closeSessions();
        } catch (DatabaseException e) {
            throw e;
        } catch (IOException e) {
            throw DatabaseException.of(file, e);
        }
    }
}
