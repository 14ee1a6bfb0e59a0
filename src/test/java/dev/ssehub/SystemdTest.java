package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd is told. A script in the place of systemd-notify passes its argument to the test. */
class SystemdTest {
    private static final long PID = 4711;
    private static final int WATCHDOG_MICROS = 60_000;

    @TempDir
    private Path folder;

    private Path program;
    private Path told;

    @BeforeEach
    void installProgram() throws IOException {
        told = folder.resolve("told");
        Files.createFile(told);
        program = folder.resolve("systemd-notify");
        Files.writeString(program, "#!/bin/sh\necho \"$1\" >> " + told + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private Systemd start(Map<String, String> environment, Runnable check) {
        Systemd systemd = new Systemd(program.toString(), environment, PID, check);
        systemd.ready();
        return systemd;
    }

    private List<String> told() {
        try {
            return Files.readAllLines(told);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void tellsThatTheHubIsReadyAndGivesSignsOfLifeUntilItIsClosed() throws Exception {
        Semaphore checks = new Semaphore(0);
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", "/run/socket", "WATCHDOG_USEC", "" + WATCHDOG_MICROS,
                "WATCHDOG_PID", "" + PID);
        try (Systemd _ = start(environment, checks::release)) {
            assertThat(told().getFirst()).isEqualTo("--ready");
            assertThat(checks.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
        }
        List<String> told = told();
        assertThat(told).hasSizeGreaterThanOrEqualTo(3);
        assertThat(told.subList(1, told.size())).containsOnly("WATCHDOG=1");
    }

    @Test
    void givesNoSignOfLifeWhileTheCheckHangs() throws Exception {
        Semaphore entered = new Semaphore(0);
        Semaphore hang = new Semaphore(0);
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", "/run/socket", "WATCHDOG_USEC", "" + WATCHDOG_MICROS);
        try (Systemd _ = start(environment, () -> {
            entered.release();
            hang.acquireUninterruptibly();
        })) {
            assertThat(entered.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(told()).containsExactly("--ready");
            hang.release();
            assertThat(entered.tryAcquire(20, TimeUnit.SECONDS)).as("another check after the sign").isTrue();
            assertThat(told()).containsExactly("--ready", "WATCHDOG=1");
            hang.release();
        }
    }

    @Test
    void isSilentWithoutSystemd() {
        try (Systemd _ = start(Map.of("WATCHDOG_USEC", "1"), () -> {
            throw new AssertionError("there is no watchdog");
        })) {
            assertThat(told()).isEmpty();
        }
    }

    @Test
    void knowsWhetherItIsTheProcessThatSystemdWatches() {
        assertThat(Systemd.watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "" + PID), PID)).hasSeconds(30);
        assertThat(Systemd.watchdog(Map.of("WATCHDOG_USEC", "30000000"), PID)).hasSeconds(30);
        assertThat(Systemd.watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1"), PID)).isZero();
        assertThat(Systemd.watchdog(Map.of(), PID)).isZero();
    }

    @Test
    void triesAgainWhenTheProgramIsMissing() throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(program, elsewhere);
        Semaphore checks = new Semaphore(0);
        try (Systemd _ = start(Map.of("NOTIFY_SOCKET", "/run/socket", "WATCHDOG_USEC", "" + WATCHDOG_MICROS), checks::release)) {
            checks.acquire();
            Files.move(elsewhere, program);
            checks.drainPermits();
            assertThat(checks.tryAcquire(3, 20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(told()).isNotEmpty().containsOnly("WATCHDOG=1");
    }
}
