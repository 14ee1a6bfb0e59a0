package dev.ssehub.feed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.management.OperatingSystemMXBean;

/**
 * How much memory the machine has, or the container if its memory is limited, and how much of that is used. On Linux, what is
 * used is what programs cannot get: the file cache is not counted, as in {@code free}. In a container with a limit, and on
 * other systems, it is what the JVM tells, and there the file cache may count as used.
 *
 * @param used in bytes
 * @param total in bytes
 */
record MachineMemory(long used, long total) {

    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Pattern TOTAL = Pattern.compile("^MemTotal: +(\\d+) kB$", Pattern.MULTILINE);
    private static final Pattern AVAILABLE = Pattern.compile("^MemAvailable: +(\\d+) kB$", Pattern.MULTILINE);

    static MachineMemory read(OperatingSystemMXBean system) {
        long total = system.getTotalMemorySize();
        return of(total, system.getFreeMemorySize(), meminfo());
    }

    /** @param meminfo what the kernel tells of the machine; empty if there is no such thing */
    static MachineMemory of(long total, long free, String meminfo) {
        long available = kilobytes(AVAILABLE, meminfo);
        boolean limited = kilobytes(TOTAL, meminfo) != total;
        return new MachineMemory(total - (limited || available < 0 ? free : available), total);
    }

    private static String meminfo() {
        try {
            return Files.isReadable(MEMINFO) ? Files.readString(MEMINFO, US_ASCII) : "";
        } catch (IOException e) {
            return ""; // as where there is none
        }
    }

    private static long kilobytes(Pattern line, String meminfo) {
        Matcher matcher = line.matcher(meminfo);
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : -1;
    }
}
