package dev.ssehub.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import dev.ssehub.bench.BenchResult;

/** What the process of the server takes, where it runs on this machine. For one thread. */
public final class ServerProcess {

    private static final long KIB = 1024;

    private final ProcessHandle process;
    private final @Nullable Long memoryBefore;
    private @Nullable Long memoryConnected;
    private Duration cpuBefore = Duration.ZERO;

    /**
     * Notes what it takes before any subscriber comes.
     *
     * @throws IllegalArgumentException if there is no such process, or it may not be looked at; the message says so
     */
    public ServerProcess(long pid) {
        this.process = ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalArgumentException("--pid is " + pid + ", but there is no such process"));
        if (process.info().totalCpuDuration().isEmpty()) {
            throw new IllegalArgumentException("--pid is " + pid + ", but the system does not tell what that process takes");
        }
        this.memoryBefore = memory();
    }

    /** All subscribers are connected, and what counts begins now. */
    public void begin() {
        memoryConnected = memory();
        cpuBefore = cpu();
    }

    /** What it has taken since then, or {@code null} if it has ended. */
    public BenchResult.@Nullable Server end() {
        return !process.isAlive()
                ? null
                : new BenchResult.Server(cpu().minus(cpuBefore), memoryConnected,
                        memoryConnected == null ? null : memoryConnected - Objects.requireNonNull(memoryBefore));
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(cpuBefore);
    }

    /** The resident set in bytes, by proc(5); {@code null} on other systems, or where the process has ended. */
    private @Nullable Long memory() {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.isReadable(status)) {
            return null;
        }
        try {
            return Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB).findFirst().orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException("what process " + process.pid() + " takes cannot be read", e);
        }
    }
}
