package dev.ssehub.history.database;

import module java.base;

/** The lock that keeps a second hub away from the file. It ends with the process, however that ends. Used by one thread. */
final class FileGuard implements Closeable {
    // The lock is on a file of its own, which stays. SQLite's own locks leave room for backups. And a process loses its locks on
    // a file as soon as it closes any descriptor of that file, so nothing but SQLite may open the database while it is in use.

    /** For a file that is created: the owner alone may read and write it. */
    static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final String SUFFIX = "-lock";

    /** The files that this process has locked: even a failed attempt to lock one again would end its lock. */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;
    private boolean isOurs;

    private FileGuard(Path path, FileChannel channel, boolean isOurs) {
        this.path = path;
        this.channel = channel;
        this.isOurs = isOurs;
    }

    /** Returns whether a hub has used this file before. */
    static boolean isOurs(Path file) {
        return Files.exists(ofLock(file));
    }

    private static Path ofLock(Path file) {
        return file.resolveSibling(file.getFileName() + SUFFIX);
    }

    static FileGuard lock(Path file) throws DatabaseException {
        Path path = ofLock(file);
        if (!LOCKED.add(path)) {
            throw inUse(file);
        }
        boolean isOurs = Files.exists(path);
        FileGuard guard = null;
        try {
            Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileChannel channel = FileChannel.open(path, options, OWNER_ALONE);
            try {
                narrow(path);
                if (channel.tryLock() == null) {
                    throw inUse(file);
                }
                guard = new FileGuard(path, channel, isOurs);
                return guard;
            } finally {
                if (guard == null) {
                    channel.close();
                }
            }
        } catch (DatabaseException e) {
            throw e;
        } catch (IOException e) {
            throw DatabaseException.of(path, e);
        } finally {
            if (guard == null) {
                LOCKED.remove(path);
            }
        }
    }

    /** Takes the rights of everyone else away, if there are any and the file exists. */
    static void narrow(Path file) throws IOException {
        if (Files.exists(file) && !OWNER_ALONE.value().containsAll(Files.getPosixFilePermissions(file))) {
            Files.setPosixFilePermissions(file, OWNER_ALONE.value());
        }
    }

    private static DatabaseException inUse(Path file) {
        return new DatabaseException(DatabaseException.Kind.BUSY, "the file " + file + " is in use by another hub");
    }

    /** Returns whether a hub uses the file, or has used it before. */
    boolean isOurs() {
        return isOurs;
    }

    /** Tells that the hub uses the file. */
    void use() {
        isOurs = true;
    }

    /** Ends the lock. Leaves nothing beside a file that the hub has not used. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            if (!isOurs) {
                Files.deleteIfExists(path);
            }
            channel.close();
            LOCKED.remove(path);
        }
    }
}
