package dev.ssehub.feed;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.OperatingSystemMXBean;

/**
 * The memory in bytes of the machine, or of the container if its memory is limited. On Linux, used memory excludes the file
 * cache, as in {@code free}. In a limited container and on other systems, it is the JVM's value, which can include the cache.
 */
record MachineMemory(long used, long total) {
    static MachineMemory read(OperatingSystemMXBean system) {
        return of(system.getTotalMemorySize(), system.getFreeMemorySize(), meminfo());
    }

    /** @param meminfo the content of /proc/meminfo; empty if the file does not exist */
    static MachineMemory of(long total, long free, String meminfo) {
        long available = bytes("MemAvailable", meminfo);
        boolean limited = bytes("MemTotal", meminfo) != total;
        return new MachineMemory(total - (limited || available < 0 ? free : available), total);
    }

    private static String meminfo() {
        try {
            return Files.readString(Path.of("/proc/meminfo"), US_ASCII);
        } catch (IOException e) {
            return ""; // this is not Linux
        }
    }

    private static long bytes(String name, String meminfo) {
        Matcher matcher = Pattern.compile("(?m)^" + name + ": +(\\d+) kB$").matcher(meminfo);
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : -1;
    }
}
