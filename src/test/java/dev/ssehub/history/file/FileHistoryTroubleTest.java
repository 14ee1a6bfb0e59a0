package dev.ssehub.history.file;

import module java.base;
import static dev.ssehub.history.file.OpenLog.LARGE;
import static dev.ssehub.history.file.OpenLog.START;
import static dev.ssehub.history.file.OpenLog.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.event.Update;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.file.OpenLog.Read;
import dev.ssehub.metrics.EvictionReason;
import dev.ssehub.metrics.NoMetrics;
import dev.ssehub.server.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are damaged, removed or replaced while the hub runs, and a full disk. */
@Timeout(30)
class FileHistoryTroubleTest {
    private static final String LARGE_DATA = "x".repeat(20_000);

    @TempDir
    private Path folder;
    private Path file;
    private LogCapture logged;
    private Path disk;

    @BeforeEach
    void name() {
        file = folder.resolve("hub.db");
        logged = new LogCapture();
    }

    @AfterEach
    void stop() throws IOException {
        logged.close();
        if (disk != null) {
            run("umount", disk.toString());
        }
    }

    /** Fills the file, so that the next opening has nothing of it in the -wal file or in memory. Returns the last position. */
    private long fill(int events) throws IOException {
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            long last = 0;
            for (int i = 0; i < events; i++) {
                last = log.begin(new Update("t" + i % 10, "x".repeat(300))).position();
            }
            return last;
        }
    }

    private List<String> filesAside() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> name.contains(".damaged-") && !name.endsWith("-wal") && !name.endsWith("-shm")).toList();
        }
    }

    /** Overwrites all pages but the first 10. */
    private void damage() throws IOException {
        long pages = Files.size(file) / 4096;
        run("dd", "if=/dev/urandom", "of=" + file, "bs=4096", "seek=10", "count=" + (pages - 10), "conv=notrunc");
    }

    /** After something happened to the file: the loss is told, new events are kept, also after a restart. */
    private void assertGoesOn(OpenLog log, long lost) throws IOException {
        long next = log.append("t1");
        assertThat(log.read(lost, "t1")).isEqualTo(new Read(List.of(next), 0));
        assertThat(log.read(START, "t1", "none").lost()).isEqualTo(lost);
        assertThat(log.read(START, "none").lost()).isEqualTo(lost);
        assertThat(log.read(START, "*")).isEqualTo(new Read(List.of(next), lost));
        log.close();
        try (OpenLog restarted = OpenLog.open(file, LARGE)) {
            assertThat(restarted.read(START, "*")).isEqualTo(new Read(List.of(next), lost));
            assertThat(restarted.read(START, "t1").lost()).isEqualTo(lost);
            assertThat(restarted.read(START, "none").lost()).isEqualTo(lost);
            assertThat(restarted.append("t1")).isEqualTo(next + 1);
        }
    }

    @Test
    void aDamagedFileThatIsReadIsSetAside() throws IOException {
        long last = fill(3_000);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            damage();
            assertThat(log.read(START, "*")).isEqualTo(new Read(List.of(), last));
            assertThat(logged.warnings()).satisfiesExactly(line -> assertThat(line).contains("is damaged"),
                    line -> assertThat(line).contains("renamed the file", filesAside().getFirst()));
            assertThat(filesAside()).hasSize(1);
            assertThat(log.history.status().evicted()).containsEntry(EvictionReason.FILE_LOST, 3_000L);
            assertGoesOn(log, last);
        }
    }

    @Test
    void aDamagedFileThatIsWrittenIsSetAsideAndNothingAcknowledgedAfterwardsIsLost() throws IOException {
        long last = fill(3_000);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            damage();
            long first = log.append(new Update(List.of("t1"), "x", null, "own", null, false));
            assertThat(first).isEqualTo(last + 1);
            await().until(() -> {
                log.append("t2");
                return !logged.warnings().isEmpty();
            });
            assertThat(logged.warnings().getFirst()).contains("is damaged");
            assertThat(filesAside()).hasSize(1);
            Read read = log.read(START, "*");
            assertThat(read.lost()).isGreaterThanOrEqualTo(last).isLessThan(log.history.newest());
            assertThat(read.positions()).endsWith(log.history.newest());
        }
    }

    @Test
    void aRemovedFileIsBegunAgain() throws IOException {
        long last = fill(100);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            run("rm", file.toString());
            await().until(() -> !logged.warnings().isEmpty());
            assertThat(logged.warnings()).singleElement().asString().contains("was removed or replaced");
            assertThat(filesAside()).isEmpty();
            assertGoesOn(log, last);
        }
    }

    /** The events between the backup and the replacement are gone, so everything up to the replacement counts as lost. */
    @Test
    void anOwnBackupInPlaceOfTheFileHidesNoLoss() throws IOException {
        fill(100);
        Path backup = folder.resolve("backup.db");
        run("cp", file.toString(), backup.toString());
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            long lost = log.append("t1");
            run("mv", backup.toString(), file.toString());
            await().until(() -> !logged.warnings().isEmpty());
            assertGoesOn(log, lost);
        }
    }

    @Test
    void theFileOfAnotherHubIsNotUsed() throws IOException {
        Path other = folder.resolve("other.db");
        try (OpenLog log = OpenLog.open(other, LARGE)) {
            for (int i = 0; i < 100; i++) {
                log.append("t1");
            }
        }
        long last = fill(10);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            run("mv", other.toString(), file.toString());
            await().until(() -> !logged.warnings().isEmpty());
            assertGoesOn(log, last);
            assertThat(filesAside()).hasSize(1);
        }
    }

    @Test
    void garbageInPlaceOfTheFileIsSetAside() throws IOException {
        long last = fill(10);
        Path garbage = Files.write(folder.resolve("garbage"), new byte[10_000]);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            run("mv", garbage.toString(), file.toString());
            await().until(() -> !logged.warnings().isEmpty());
            assertGoesOn(log, last);
            assertThat(filesAside()).hasSize(1);
        }
    }

    private void mount(String size) throws IOException {
        Path mounted = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(OpenLog.tryToRun("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", mounted.toString()) == 0,
                "SKIPPED: no file system can be mounted");
        disk = mounted;
        file = disk.resolve("hub.db");
    }

    private void fillDisk() throws IOException {
        OpenLog.tryToRun("dd", "if=/dev/zero", "of=" + disk.resolve("filler"), "bs=4096");
    }

    @Test
    void aFullDiskRefusesEventsUntilThereIsRoom() throws IOException {
        mount("8m");
        List<Long> acknowledged = new ArrayList<>();
        AtomicInteger outages = new AtomicInteger();
        AtomicLong commits = new AtomicLong();
        try (OpenLog log = OpenLog.open(file, new NoMetrics() {
            @Override
            public void historyFailed() {
                outages.incrementAndGet();
            }

            @Override
            public void committed(long nanos) {
                assertThat(nanos).isPositive();
                commits.incrementAndGet();
            }
        })) {
            acknowledged.add(log.append(new Update("t1", LARGE_DATA)));
            assertThat(commits).hasPositiveValue();
            assertThat(log.history.status().takesEvents()).isTrue();
            fillDisk();
            assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> {
                while (true) {
                    acknowledged.add(log.append(new Update("t1", LARGE_DATA)));
                }
            }).withMessage("the hub cannot store events now: there is no space left on its disk");
            log.settle();
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(HistoryUnavailableException.class)
                        .isThrownBy(() -> log.append(new Update("t1", LARGE_DATA)));
                log.settle();
            }
            assertThat(logged.warnings()).as("one line for the whole outage").singleElement().asString()
                    .contains("no space left", "publishers get 503");
            assertThat(outages).hasValue(1);
            assertThat(log.history.status().takesEvents()).isFalse();
            assertThat(log.read(START, "*")).isEqualTo(new Read(acknowledged, 0));
            assertThat(log.history.outage()).hasValue("the hub cannot store events now: there is no space left on its disk");

            Files.delete(disk.resolve("filler"));
            acknowledged.add(log.append(new Update("t1", LARGE_DATA)));
            assertThat(log.read(START, "*")).isEqualTo(new Read(acknowledged, 0));
        }
        try (OpenLog restarted = OpenLog.open(file, LARGE)) {
            assertThat(restarted.read(START, "*")).isEqualTo(new Read(acknowledged, 0));
        }
    }

    /** Load balancers send no event to a hub that is not ready, so it must find out by itself that it is again. */
    @Test
    void anOutageEndsWithoutAnEvent() throws IOException {
        mount("8m");
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            assertThat(log.history.outage()).isEmpty();
            log.append("t1");
            fillDisk();
            assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> {
                while (true) {
                    log.append(new Update("t1", LARGE_DATA));
                }
            });
            Files.delete(disk.resolve("filler"));
            await().atMost(Duration.ofSeconds(20)).until(() -> log.history.outage().isEmpty());
        }
    }

    /** Each attempt to begin a new file fails, and leaves nothing behind. */
    @Test
    void aFileThatIsDamagedWhileTheDiskIsFullIsSetAsideOnce() throws IOException {
        mount("3m");
        long last = fill(1_000);
        try (OpenLog log = OpenLog.open(file, LARGE)) {
            damage();
            fillDisk();
            assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> {
                while (true) {
                    log.append("t1");
                }
            });
            await().until(() -> !logged.warnings().isEmpty());
            for (int i = 0; i < 2; i++) {
                LockSupport.parkNanos(Duration.ofMillis(1_100).toNanos()); // the file is looked at every second
                assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> log.append("t1"));
            }
            try (Stream<Path> files = Files.list(disk)) {
                assertThat(files.filter(path -> path.toString().matches(".*\\.damaged-\\d+-\\d+(-\\d+)?")))
                        .hasSize(1);
            }
            int lines = logged.warnings().size();
            Files.delete(disk.resolve("filler"));
            await().ignoreExceptionsInstanceOf(HistoryUnavailableException.class).until(() -> log.append("t1") > last);
            assertThat(log.read(START, "*").lost()).isGreaterThanOrEqualTo(last);
            assertThat(lines).isEqualTo(logged.warnings().size()).isLessThanOrEqualTo(3);
        }
    }
}
