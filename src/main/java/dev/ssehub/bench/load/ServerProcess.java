package dev.ssehub.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The process of the server, if it runs on this machine: measures its CPU time and memory. Not safe for several threads. */
public final class ServerProcess {

    private static final long KIB = 1024;

    /**
     * What the process has used.
     *
     * @param cpuMicros the CPU time during the measurement, in microseconds
     * @param memory the resident set when all subscribers were connected, in bytes; null if the system has no proc(5)
     * @param memoryOfSubscribers by how many bytes the resident set grew while they connected; null likewise
     */
    public record Usage(double cpuMicros, @Nullable Long memory, @Nullable Long memoryOfSubscribers) {}

    private final ProcessHandle process;
    private final @Nullable Long memoryBefore;
    private @Nullable Long memoryConnected;
    private Duration cpuBefore = Duration.ZERO;

    /**
     * Reads the memory of the process. To be called before the subscribers connect.
     *
     * @throws IllegalArgumentException if there is no such process, or the system does not report its CPU time
     */
    public ServerProcess(long pid) {
        this.process = ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalArgumentException("--pid is " + pid + ", but there is no such process"));
        if (process.info().totalCpuDuration().isEmpty()) {
            throw new IllegalArgumentException("--pid is " + pid + ", but the system does not report the process's CPU time");
        }
        this.memoryBefore = memory();
    }

    /** Begins to measure, when all subscribers are connected. */
    public void begin() {
        memoryConnected = memory();
        cpuBefore = cpu();
    }

    /** Returns what the process has used since {@link #begin}, or null if it has ended. */
    public @Nullable Usage end() {
        return process.isAlive()
                ? new Usage(cpu().minus(cpuBefore).toNanos() / 1e3, memoryConnected,
                        memoryConnected == null || memoryBefore == null ? null : memoryConnected - memoryBefore)
                : null;
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(cpuBefore);
    }

    /** Returns the resident set in bytes from proc(5), or null if the system has no such file or the process has ended. */
    private @Nullable Long memory() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB).findFirst().orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
