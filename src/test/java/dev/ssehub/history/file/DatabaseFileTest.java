package dev.ssehub.history.file;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.event.Event;
import dev.ssehub.history.database.DatabaseException.Kind;
import dev.ssehub.history.database.DatabaseException;
import dev.ssehub.history.database.DatabaseFile;
import dev.ssehub.history.database.Sync;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the file is opened, in all the states in which it can be. */
class DatabaseFileTest {
    private static final int APPLICATION_ID = 0x73736568; // "sseh"

    @TempDir
    private Path folder;
    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("hub.db");
    }

    @ParameterizedTest
    @EnumSource
    void whatWasCommittedIsThereAfterTheNextOpening(Sync sync) throws Exception {
        fill(sync, 10);
        try (DatabaseFile file = DatabaseFile.open(path, sync)) {
            assertThat(count(file)).isEqualTo(10);
            assertThat(file.damaged()).isNull();
        }
        assertThat(pragma("journal_mode")).isEqualTo("wal");
        assertThat(pragma("user_version")).isEqualTo("3");
        assertThat(pragma("application_id")).isEqualTo(String.valueOf(APPLICATION_ID));
        assertThat(pragma("integrity_check")).isEqualTo("ok");
    }

    @Test
    void theFilesBelongToTheOwnerAlone() throws Exception {
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            add(LogWriter.of(file), 1);
            assertThat(rights()).containsOnlyKeys("hub.db", "hub.db-wal", "hub.db-shm", "hub.db-lock").allSatisfy(
                    (_, rights) -> assertThat(rights).isEqualTo("rw-------"));
        }
        for (String name : List.of("hub.db", "hub.db-lock")) {
            Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rw-rw-r--"));
        }
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            add(LogWriter.of(file), 2);
            assertThat(rights()).hasSize(4).allSatisfy((_, rights) -> assertThat(rights).isEqualTo("rw-------"));
        }
    }

    @Test
    void aSecondOpenerIsRefused() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), path);
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            assertThatThrownBy(() -> DatabaseFile.open(link, Sync.OS))
                    .hasMessage("the file " + path + " is in use by another hub");
            Process other = start(path, "open");
            assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                    .isEqualTo("the file " + path + " is in use by another hub");
            add(LogWriter.of(file), 1);
        }
        DatabaseFile.open(link, Sync.OS).close();
    }

    @Test
    void aKilledHubLeavesACompleteFile() throws Exception {
        for (int i = 0; i < 3; i++) {
            Process hub = start(path, "commit");
            BufferedReader lines = hub.inputReader();
            long last = 0;
            for (int line = 0; line < 200 * (i + 1); line++) {
                last = Long.parseLong(lines.readLine());
            }
            hub.toHandle().destroyForcibly();
            hub.waitFor();
            String line;
            while ((line = lines.readLine()) != null && line.length() == String.valueOf(last).length()) {
                last = Long.parseLong(line); // what it said before it was killed
            }
            try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
                assertThat(file.damaged()).isNull();
                assertThat(count(file)).isGreaterThanOrEqualTo(last).isEqualTo(LogReader.of(file).state().newest());
            }
            assertThat(pragma("integrity_check")).isEqualTo("ok");
        }
        assertThat(folder).isDirectoryNotContaining(file -> file.getFileName().toString().startsWith(".sse-hub"));
    }

    @Test
    void backupsWorkWhileTheHubRuns() throws Exception {
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            LogWriter writer = LogWriter.of(file);
            add(writer, 1);
            Path into = folder.resolve("into.db");
            execute(path, "VACUUM INTO '" + into + "'");
            Path backup = folder.resolve("backup.db");
            execute(path, "backup to '" + backup + "'");
            add(writer, 2);
            assertThat(count(file)).isEqualTo(2);
            for (Path copy : List.of(into, backup)) {
                try (DatabaseFile opened = DatabaseFile.open(copy, Sync.OS)) {
                    assertThat(count(opened)).isEqualTo(1);
                }
            }
            assertThatThrownBy(() -> DatabaseFile.open(path, Sync.OS)).hasMessageContaining("another hub");
        }
    }

    @Test
    void whatCannotBeAFileIsNamed() throws Exception {
        assertThatThrownBy(() -> DatabaseFile.open(folder.resolve("none/hub.db"), Sync.OS)).isInstanceOf(DatabaseException.class)
                .hasMessage("the file " + folder + "/none/hub.db cannot be opened: there is no such file or folder");
        assertThatThrownBy(() -> DatabaseFile.open(folder, Sync.OS)).hasMessage("the file " + folder
                + " cannot be opened: it is a directory");
        assertThatThrownBy(() -> DatabaseFile.open(Path.of("/dev/null"), Sync.OS))
                .hasMessageEndingWith("it is not a regular file");
        assertThatThrownBy(() -> DatabaseFile.open(folder.resolve("a?b"), Sync.OS)).hasMessageEndingWith(
                "must not contain a question mark");
        assertThatThrownBy(() -> DatabaseFile.open(Path.of("/proc/hub.db"), Sync.OS)).isInstanceOf(DatabaseException.class)
                .hasMessageStartingWith("the file /proc/hub.db");
    }

    @Test
    void missingPermissionsAreNamed() throws Exception {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "root has all permissions");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
        assertThatThrownBy(() -> DatabaseFile.open(path, Sync.OS)).hasMessageEndingWith("no permission");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aNewerVersionIsRefused() throws Exception {
        fill(Sync.OS, 1);
        execute(path, "PRAGMA user_version = 7");
        byte[] before = Files.readAllBytes(path);
        assertThatThrownBy(() -> DatabaseFile.open(path, Sync.OS)).hasMessage("the file " + path
                + " was written by a newer version of the hub: it has version 7, and this hub knows versions up to 3");
        assertThat(path).hasBinaryContent(before);
    }

    @Test
    void anOlderVersionIsUpgradedInOneTransaction() throws Exception {
        execute(path, "PRAGMA application_id = " + APPLICATION_ID, "CREATE TABLE mark(a)");
        assertThatThrownBy(() -> DatabaseFile.open(path, Sync.OS)).hasMessageContaining("table mark already exists");
        assertThat(pragma("user_version")).isEqualTo("0");
        execute(path, "DROP TABLE mark");
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            add(LogWriter.of(file), 1);
        }
        assertThat(pragma("user_version")).isEqualTo("3");
    }

    @Test
    void aDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws Exception {
        execute(path, "PRAGMA journal_mode = WAL", "CREATE TABLE song(title)", "INSERT INTO song VALUES('x')");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] before = Files.readAllBytes(path);
        assertThatThrownBy(() -> DatabaseFile.open(path, Sync.OS)).hasMessage("the file " + path
                + " is a database of another program");
        assertThat(path).hasBinaryContent(before);
        assertThat(rights()).containsEntry("hub.db", "rw-r--r--").doesNotContainKey("hub.db-wal");
    }

    /** A wrong path must not move the file of another program away. */
    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Files.writeString(path, "server:\n  port: 8080\n");
        for (int i = 0; i < 2; i++) {
            assertThatExceptionOfType(DatabaseException.class).isThrownBy(() -> DatabaseFile.open(path, Sync.OS))
                    .withMessage("the file " + path.toRealPath() + " is not a database of the hub");
        }
        assertThat(path).hasContent("server:\n  port: 8080");
        assertThat(folder.toFile().list()).containsExactly(path.getFileName().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"header", "text", "truncated"})
    void aDamagedFileIsSetAside(String damage) throws Exception {
        fill(Sync.OS, 1_000);
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            switch (damage) {
                case "header" -> raw.write(new byte[16]);
                case "text" -> {
                    raw.setLength(0);
                    raw.writeBytes("no database ".repeat(100));
                }
                default -> raw.setLength(raw.length() / 4096 / 2 * 4096);
            }
        }
        byte[] before = Files.readAllBytes(path);
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            Path damaged = file.damaged();
            if (damaged == null) { // found by a read
                LogReader reader = LogReader.of(file);
                assertThat(catchThrowableOfType(DatabaseException.class, () -> reader.all(0, _ -> true)).kind())
                        .isEqualTo(Kind.DAMAGED);
                damaged = file.setAside();
            }
            assertThat(damaged.getFileName().toString()).matches("hub\\.db\\.damaged-\\d{8}-\\d{6}");
            assertThat(Files.readAllBytes(damaged)).hasSameSizeAs(before);
            add(LogWriter.of(file), 1);
            assertThat(count(file)).isEqualTo(1);
            assertThat(rights().get("hub.db")).isEqualTo("rw-------");
            assertThat(file.isInPlace()).isTrue();
        }
    }

    @Test
    void aDamagedPageInTheMiddleIsFoundAndSetAside() throws Exception {
        fill(Sync.OS, 20_000);
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            long pages = raw.length() / 4096;
            for (long page = pages / 3; page < pages * 2 / 3; page++) {
                raw.seek(page * 4096);
                raw.writeLong(-1);
                raw.writeLong(-1);
            }
        }
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            assertThat(file.damaged()).isNull();
            LogReader reader = LogReader.of(file);
            DatabaseException failure = catchThrowableOfType(DatabaseException.class, () -> reader.all(0, _ -> true));
            assertThat(failure.kind()).isEqualTo(Kind.DAMAGED);
            assertThat(failure).hasMessage("the file " + path + " is damaged");
            Path first = file.setAside();
            Path second = file.setAside();
            assertThat(List.of(first, second)).doesNotHaveDuplicates().allSatisfy(old -> assertThat(old).exists());
            assertThat(count(file)).isZero();
        }
    }

    @Test
    void theWalOfADamagedFileIsNotAppliedToTheNewOne() throws Exception {
        Process hub = start(path, "commit");
        hub.inputReader().readLine();
        hub.toHandle().destroyForcibly();
        hub.waitFor();
        assertThat(folder.resolve("hub.db-wal")).isNotEmptyFile();
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            raw.write(new byte[16]);
        }
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            if (file.damaged() != null) { // otherwise the -wal file has repaired the header
                assertThat(count(file)).isZero();
            }
        }
        Files.delete(path);
        Files.write(folder.resolve("hub.db-wal"), new byte[10_000]);
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            assertThat(count(file)).isZero();
        }
    }

    @Test
    void aFileThatIsNoLongerThereIsNoticed() throws Exception {
        try (DatabaseFile file = DatabaseFile.open(path, Sync.OS)) {
            add(LogWriter.of(file), 1);
            assertThat(file.isInPlace()).isTrue();
            Files.move(path, folder.resolve("moved"));
            assertThat(file.isInPlace()).isFalse();
            Files.createFile(path);
            assertThat(file.isInPlace()).isFalse();
            file.reopen();
            assertThat(file.isInPlace()).isTrue();
            add(LogWriter.of(file), 1);
            assertThat(count(file)).isEqualTo(1);
        }
    }

    @Test
    void aFullDiskIsNamedAndPasses() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0, "no file system can be mounted");
        try {
            try (DatabaseFile file = DatabaseFile.open(disk.resolve("hub.db"), Sync.OS)) {
                LogWriter writer = LogWriter.of(file);
                long added = 0;
                DatabaseException failure = null;
                while (failure == null) {
                    try {
                        add(writer, added + 1);
                        added++;
                    } catch (DatabaseException e) {
                        failure = e;
                        writer.rollback();
                    }
                }
                assertThat(failure.kind()).isEqualTo(Kind.FULL);
                assertThat(failure)
                        .hasMessage("the file " + disk + "/hub.db cannot be written: there is no space left on the device");
                assertThat(count(file)).isEqualTo(added);
                assertThat(run("mount", "-o", "remount,size=8m", disk.toString())).isZero();
                add(writer, added + 1);
                assertThat(count(file)).isEqualTo(added + 1);
            }
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void aReadOnlyDeviceIsNamed() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0, "no file system can be mounted");
        try {
            DatabaseFile.open(disk.resolve("hub.db"), Sync.OS).close();
            assertThat(run("mount", "-o", "remount,ro", disk.toString())).isZero();
            assertThatThrownBy(() -> DatabaseFile.open(disk.resolve("hub.db"), Sync.OS)).isInstanceOf(DatabaseException.class)
                    .hasMessageContaining(disk + "/hub.db").hasMessageEndingWith("cannot be opened: Read-only file system");
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void theLibraryGoesIntoTheFolderOfTheFileIfNecessary() throws Exception {
        Process process = start(path, "open", "-Djava.io.tmpdir=/proc");
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip()).isEqualTo("open");
        assertThat(folder).isDirectoryNotContaining("glob:**/{.sse*,sqlite*}");

        Path abandoned = Files.createDirectory(folder.resolve(".sse-hub-sqlite-1"));
        Files.createFile(abandoned.resolve("library"));
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minusSeconds(3_600)));
        assertThat(start(path, "open", "-Djava.io.tmpdir=/proc").waitFor()).isZero();
        assertThat(abandoned).doesNotExist();
    }

    @Test
    void aLibraryThatCanBeUnpackedNowhereIsNamed() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=4m,noexec", "tmpfs", disk.toString()) == 0,
                "no file system can be mounted");
        try {
            Process process = start(disk.resolve("hub.db"), "open", "-Djava.io.tmpdir=/proc");
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip()).isEqualTo(
                    "the library of SQLite can be unpacked into none of these folders: /proc (cannot be written), " + disk
                            + " (programs cannot run there); name another one with -Djava.io.tmpdir");
        } finally {
            run("umount", disk.toString());
        }
    }

    private void fill(Sync sync, int events) throws IOException {
        try (DatabaseFile file = DatabaseFile.open(path, sync)) {
            LogWriter writer = LogWriter.of(file);
            writer.begin();
            long topic = writer.createTopic("a", 0);
            for (int i = 1; i <= events; i++) {
                writer.insert(new Event(i, null, i, List.of("a"), false, false, new byte[100]), List.of(topic));
            }
            writer.commit();
        }
    }

    private static void add(LogWriter writer, long position) throws IOException {
        writer.begin();
        long topic = writer.createTopic("topic " + position, 0);
        writer.insert(new Event(position, null, 1, List.of("topic " + position), false, false, new byte[1_000]), List.of(topic));
        writer.setState(new LogWriter.State(0, position, 0));
        writer.commit();
    }

    private static long count(DatabaseFile file) throws IOException {
        long[] events = new long[1];
        LogReader.of(file).summary(topic -> events[0] += topic.events());
        return events[0];
    }

    private Map<String, String> rights() throws IOException {
        Map<String, String> rights = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                rights.put(file.getFileName().toString(), PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
        return rights;
    }

    private String pragma(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("PRAGMA " + name)) {
            return row.getString(1);
        }
    }

    private static void execute(Path path, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
    }

    private static Process start(Path path, String what, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Other.class.getName(), path.toString(), what));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                    .waitFor();
        } catch (IOException _) {
            return -1; // there is no such program
        }
    }

    /** Another process with the file. */
    static final class Other {
        private Other() {}

        static void main(String[] arguments) throws IOException {
            try (DatabaseFile file = DatabaseFile.open(Path.of(arguments[0]), Sync.OS)) {
                LogWriter writer = LogWriter.of(file);
                if (arguments[1].equals("open")) {
                    System.out.println("open");
                    return;
                }
                for (long next = LogReader.of(file).state().newest() + 1;; next++) {
                    add(writer, next);
                    System.out.println(next);
                }
            } catch (DatabaseException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
