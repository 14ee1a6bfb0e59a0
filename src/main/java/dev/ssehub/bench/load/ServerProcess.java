package dev.ssehub.bench.load;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Measures the CPU time and memory of a server's process on this machine. Not thread-safe. */
public final class ServerProcess {
    /**
     * The CPU time during the measurement, the resident set when all subscribers were connected, and its growth while they
     * connected. The memory is in bytes, and {@code null} without proc(5).
     */
    public record Usage(double cpuMicros, @Nullable Long memory, @Nullable Long memoryOfSubscribers) {}

    private final ProcessHandle process;
    private final @Nullable Long memoryBefore;
    private @Nullable Long memoryConnected;
    private Duration cpuBefore;

    /** Reads the memory, so call it before the subscribers connect. Throws {@link IllegalArgumentException} for a wrong pid. */
    public ServerProcess(long pid) {
        this.process = ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalArgumentException("--pid is " + pid + ", but there is no such process"));
        this.cpuBefore = process.info().totalCpuDuration().orElseThrow(() -> new IllegalArgumentException(
                "--pid is " + pid + ", but the system does not report the process's CPU time"));
        this.memoryBefore = memory();
    }

    /** Begins the measurement. Call it when all subscribers are connected. */
    public void begin() {
        memoryConnected = memory();
        cpuBefore = cpu();
    }

    /** Returns the usage since {@link #begin}, or {@code null} if the process has ended. */
    public @Nullable Usage end() {
        Long growth = memoryConnected == null || memoryBefore == null ? null : memoryConnected - memoryBefore;
        return process.isAlive() ? new Usage(cpu().minus(cpuBefore).toNanos() / 1e3, memoryConnected, growth) : null;
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(cpuBefore);
    }

    /** Returns the resident set from proc(5) in bytes, or {@code null} if the file does not exist. */
    private @Nullable Long memory() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:")).map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst().orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
