package dev.ssehub;

import module java.base;
import dev.ssehub.thread.PeriodicTask;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Tells systemd that the hub is ready, and then again and again that it is alive, if the service has {@code Type=notify}. Without
 * such a service, it does nothing.
 */
final class Systemd implements AutoCloseable {
    // systemd listens on a Unix socket for datagrams, which the JDK cannot send. So the program systemd-notify sends them.
    // A sign of life needs a virtual thread that runs and can take the hub's lock, as every delivery does. Whether there are free
    // connections does not matter: a hub that is full is alive. The thread "watchdog" gives the signs, and close() ends it.

    private static final System.Logger LOG = System.getLogger(Systemd.class.getName());
    /** How many signs of life there are in the time of the watchdog. */
    private static final int SIGNS = 3;
    private static final Duration READY_PATIENCE = Duration.ofSeconds(10);

    private final String program;
    private final boolean hasSocket;
    private final Duration limit;
    private final Runnable check;
    private volatile @Nullable PeriodicTask watchdog;
    /** The newest check; only the thread of the watchdog uses it. */
    private @Nullable Thread checking;
    private boolean failed;

    /**
     * @param program the program that sends, such as {@code systemd-notify}
     * @param environment the variables that systemd sets for a service, and others
     * @param pid the id of this process; a watchdog for another process does not count
     * @param check returns if the hub is alive; called in a virtual thread
     */
    Systemd(String program, Map<String, String> environment, long pid, Runnable check) {
        this.program = program;
        this.hasSocket = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
        this.limit = watchdog(environment, pid);
        this.check = check;
    }

    /** Tells that clients can connect. Starts the thread that gives the signs of life if the service has a watchdog. */
    void ready() {
        if (hasSocket) {
            send(READY_PATIENCE, "--ready");
            if (limit.isPositive()) {
                Duration pause = limit.dividedBy(SIGNS);
                watchdog = PeriodicTask.start("watchdog", pause, () -> giveSign(pause));
            }
        }
    }

    /** Returns the time after which systemd restarts this process if it gets no sign of life; 0 if it never does. */
    static Duration watchdog(Map<String, String> environment, long pid) {
        String own = Long.toString(pid);
        return environment.getOrDefault("WATCHDOG_PID", own).equals(own)
                ? Duration.of(Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0")), ChronoUnit.MICROS)
                : Duration.ZERO;
    }

    private void giveSign(Duration patience) {
        if (checking == null || !checking.isAlive()) {
            checking = Thread.ofVirtual().name("sign-of-life").start(check);
        }
        try {
            if (checking.join(patience)) {
                send(patience, "WATCHDOG=1");
            } else {
                LOG.log(Level.ERROR, "no thread could take the hub's lock for " + patience.toMillis()
                        + " ms; systemd gets no sign of life");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(Duration patience, String state) {
        try {
            Process process = new ProcessBuilder(program, state).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!process.waitFor(patience)) {
                process.destroyForcibly();
                throw new IOException("it does not end");
            }
            if (process.exitValue() != 0) {
                throw new IOException("its exit code is " + process.exitValue());
            }
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.log(Level.ERROR, "systemd does not learn that the hub lives: " + program + " has failed: " + e.getMessage());
            }
            failed = true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives no more signs of life. */
    @Override
    public void close() {
        PeriodicTask signs = watchdog;
        if (signs != null) {
            signs.close();
        }
    }
}
