package dev.ssehub.history.file;

import module java.base;
import static dev.ssehub.history.file.OpenLog.LARGE;
import static dev.ssehub.history.file.OpenLog.START;
import static dev.ssehub.history.file.OpenLog.rows;
import static dev.ssehub.history.file.OpenLog.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ssehub.event.Event;
import dev.ssehub.event.Update;
import dev.ssehub.history.Addition;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.history.file.OpenLog.Added;
import dev.ssehub.history.file.OpenLog.Read;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A topic with many events is forgotten step by step. */
@Timeout(120)
class ForgottenTopicTest {
    private static final int MANY = 2_000;

    @TempDir
    private Path folder;
    private Path file;
    private Path disk;
    private OpenLog log;
    private long last;
    private CompletableFuture<Void> forgotten;

    @BeforeEach
    void open() throws IOException {
        file = folder.resolve("hub.db");
        log = OpenLog.open(file, LARGE);
    }

    @AfterEach
    void close() throws IOException {
        log.close();
        if (disk != null) {
            run("umount", disk.toString());
        }
    }

    private void fill(String topic) {
        Added newest = null;
        for (int i = 0; i < MANY; i++) {
            newest = log.begin(new Update(List.of(topic), "x", null, "id-" + i, null, false));
        }
        last = Objects.requireNonNull(newest).event().position();
    }

    /** An event whose delivery stops the log's thread until it is released: after its transaction, and before the next step. */
    private final class Stop extends Addition {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        Stop(long position, String topic) {
            super(position, new Update(topic, "x"));
            log.history.append(List.of(this));
        }

        @Override
        protected void added(Event event) {
            reached.countDown();
            awaitLatch(released);
        }

        Stop awaitReached() {
            awaitLatch(reached);
            return this;
        }

        private static void awaitLatch(CountDownLatch latch) {
            try {
                assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Begins to forget the topic. Returns when its events are lost for readers, and some of them are removed. */
    private Stop forgetInPart(String topic) {
        Stop before = new Stop(last + 1, "b").awaitReached();
        forgotten = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().daemon().start(() -> {
            try {
                log.history.forget(topic).run();
                forgotten.complete(null);
            } catch (HistoryUnavailableException e) {
                forgotten.completeExceptionally(e);
            }
        });
        await().until(() -> caller.getState() == Thread.State.WAITING); // the log's thread has the request
        Stop begun = new Stop(last + 2, "b");
        before.released.countDown();
        begun.awaitReached();
        Stop inPart = new Stop(last + 3, "b");
        begun.released.countDown();
        return inPart.awaitReached();
    }

    @Test
    void publishersDoNotWaitUntilAllIsRemoved() throws Exception {
        fill("a");
        Stop stop = forgetInPart("a");
        List<Long> others = List.of(last + 1, last + 2, last + 3);
        assertThat(rows(file, "past")).as("some are removed, and not all").isBetween(4L, MANY + 2L);
        assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), last));
        assertThat(log.read(START, "*")).isEqualTo(new Read(others, last));
        assertThat(forgotten).isNotDone();
        stop.released.countDown();

        long again = log.append("a");
        forgotten.join();
        assertThat(rows(file, "past")).isEqualTo(4);
        assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(again), last));
        assertThat(log.find("id-2")).isEqualTo(-1);
        assertThat(rows(file, "own_id")).isZero();
        log.close();
        OpenLog.assertConsistent(file);
    }

    @Test
    void aHubThatIsKilledMeanwhileGoesOnAtTheNextStart() throws Exception {
        fill("a");
        Stop stop = forgetInPart("a");
        Path copy = folder.resolve("copy.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM INTO '" + copy + "'");
        }
        stop.released.countDown();
        assertThat(rows(copy, "past")).isBetween(4L, MANY + 2L);
        try (OpenLog next = OpenLog.open(copy, LARGE)) {
            assertThat(next.read(START, "a")).isEqualTo(new Read(List.of(), last));
            assertThat(next.read(START, "*").lost()).isEqualTo(last);
            next.settle();
            assertThat(rows(copy, "past")).as("the other topic").isEqualTo(3);
        }
        forgotten.join();
    }

    /** The file is written anew at most once a minute, so this waits when the hub stops. */
    @Test
    void whatIsLeftOfForgottenBytesIsOverwrittenAfterARestart() throws Exception {
        log.append("a");
        log.append("b");
        log.history.forget("a").run();
        await().until(() -> OpenLog.number(file, "SELECT scrub FROM state") == 0);
        log.history.forget("b").run();
        log.append("c");
        log.close();
        assertThat(OpenLog.number(file, "SELECT scrub FROM state")).isEqualTo(1);
        log = OpenLog.open(file, LARGE);
        await().until(() -> OpenLog.number(file, "SELECT scrub FROM state") == 0);
    }

    @Test
    void severalMayWaitForTheSameTopicAndForOthers() throws Exception {
        fill("a");
        Stop stop = forgetInPart("a");
        CompletableFuture<Void> same = CompletableFuture.runAsync(() -> log.history.forget("a").run());
        stop.released.countDown();
        log.history.forget("b").run();
        log.history.forget("unknown").run();
        CompletableFuture.allOf(same, forgotten).join();
        assertThat(rows(file, "past")).isZero();
    }

    @Test
    void aRequestInProgressIsToldThatTheHubStops() {
        fill("a");
        Stop stop = forgetInPart("a");
        Thread closing = Thread.ofPlatform().daemon().start(log::close);
        await().until(() -> closing.getState() == Thread.State.TIMED_WAITING); // the log's thread must end now
        stop.released.countDown();
        assertThatExceptionOfType(CompletionException.class).isThrownBy(forgotten::join)
                .withCauseInstanceOf(HistoryUnavailableException.class)
                .withMessageContaining("the hub cannot change the past now: the hub is stopping");
    }

    /** The -wal file cannot grow, so no transaction succeeds. */
    @Test
    void aFullDiskDelaysOnlyTheRemoval() throws Exception {
        log.close();
        Path mounted = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(OpenLog.tryToRun("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", mounted.toString()) == 0,
                "SKIPPED: no file system can be mounted");
        disk = mounted;
        file = disk.resolve("hub.db");
        log = OpenLog.open(file, LARGE);
        fill("a");
        log.close(); // so that the -wal file is empty
        log = OpenLog.open(file, LARGE);
        OpenLog.tryToRun("dd", "if=/dev/zero", "of=" + disk.resolve("filler"), "bs=4096");

        assertThatExceptionOfType(HistoryUnavailableException.class).isThrownBy(() -> log.history.forget("a").run())
                .withMessage("the hub cannot change the past now: there is no space left on its disk");
        assertThat(log.read(START, "a")).isEqualTo(new Read(List.of(), last));

        Files.delete(disk.resolve("filler"));
        await().atMost(Duration.ofMinutes(1)).until(() -> rows(file, "past") == 0);
        log.settle();
        assertThat(log.find("id-2")).isEqualTo(-1);
        assertThat(rows(file, "own_id")).isZero();
    }
}
