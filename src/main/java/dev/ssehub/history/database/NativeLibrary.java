package dev.ssehub.history.database;

import module java.base;
import org.sqlite.SQLiteJDBCLoader;

/** The native library of SQLite. The driver unpacks it into a file and loads that file. */
final class NativeLibrary {
    // The driver would leave its file behind when the process is killed, and never remove it. So it unpacks into a folder of our
    // own, for the owner alone, which is removed as soon as the library is loaded. Only a process that is killed in between
    // leaves the folder behind; a later process removes it.

    private static final String PROPERTY = "org.sqlite.tmpdir";
    private static final String PREFIX = ".sse-hub-sqlite-";
    /** No process needs so long between unpacking and loading. */
    private static final Duration ABANDONED = Duration.ofMinutes(1);
    private static boolean loaded; // guarded by the class

    private NativeLibrary() {}

    /**
     * Loads the library, if it is not loaded yet. Any thread may call this.
     *
     * @param folder the folder to unpack into if the folder for temporary files cannot be used
     */
    static synchronized void load(Path folder) throws DatabaseException {
        if (loaded) {
            return;
        }
        List<String> failures = new ArrayList<>();
        for (Path parent : List.of(Path.of(System.getProperty("java.io.tmpdir")), folder)) {
            try {
                loadFrom(parent);
                loaded = true;
                return;
            } catch (Exception e) { // the driver declares no other type
                failures.add(
                        parent + " (" + (e instanceof IOException ? "cannot be written" : "programs cannot run there") + ")");
            }
        }
        throw new DatabaseException(DatabaseException.Kind.OTHER,
                "the library of SQLite can be unpacked into none of these folders: "
                        + String.join(", ", failures) + "; name another one with -Djava.io.tmpdir");
    }

    private static void loadFrom(Path parent) throws Exception {
        removeAbandoned(parent);
        Path folder = Files.createTempDirectory(parent, PREFIX);
        // the driver logs the stack trace of a failure
        java.util.logging.Logger log = java.util.logging.Logger.getLogger(SQLiteJDBCLoader.class.getName());
        java.util.logging.Level level = log.getLevel();
        String before = System.setProperty(PROPERTY, folder.toString());
        try {
            log.setLevel(java.util.logging.Level.OFF);
            SQLiteJDBCLoader.initialize();
        } finally {
            log.setLevel(level);
            if (before == null) {
                System.clearProperty(PROPERTY);
            } else {
                System.setProperty(PROPERTY, before);
            }
            remove(folder);
        }
    }

    private static void removeAbandoned(Path parent) throws IOException {
        Instant limit = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path folder : folders) {
                try {
                    if (Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(limit)) {
                        remove(folder);
                    }
                } catch (IOException _) {
                    // another process removed it
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void remove(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException | DirectoryIteratorException _) {
            // not ours; or an operating system that keeps the files of loaded libraries
        }
    }
}
