package dev.ssehub.bench.load;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Measures the CPU time and memory of a server's process on this machine. Not thread-safe. */
public final class ServerProcess {

    private static final long KIB = 1024;

    /**
     * The measured CPU time and memory.
     *
     * @param cpuMicros the CPU time during the measurement, in microseconds
     * @param memory the resident set when all subscribers were connected, in bytes; {@code null} without proc(5)
     * @param memoryOfSubscribers the growth of the resident set while they connected, in bytes; {@code null} without proc(5)
     */
    public record Usage(double cpuMicros, @Nullable Long memory, @Nullable Long memoryOfSubscribers) {}

    private final ProcessHandle process;
    private final @Nullable Long memoryBefore;
    private @Nullable Long memoryConnected;
    private Duration cpuBefore = Duration.ZERO;

    /**
     * Reads the memory of the process. Call it before the subscribers connect.
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

    /** Begins the measurement. Call it when all subscribers are connected. */
    public void begin() {
        memoryConnected = memory();
        cpuBefore = cpu();
    }

    /** Returns the usage since {@link #begin}, or {@code null} if the process has ended. */
    public @Nullable Usage end() {
        return process.isAlive()
                ? new Usage(cpu().minus(cpuBefore).toNanos() / 1e3, memoryConnected,
                        memoryConnected == null || memoryBefore == null ? null : memoryConnected - memoryBefore)
                : null;
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(cpuBefore);
    }

    /** Returns the resident set from proc(5) in bytes, or {@code null} if the file does not exist. */
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
