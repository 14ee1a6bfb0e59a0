package dev.ssehub.limit;

import java.io.IOException;
import java.lang.management.ManagementFactory;

import com.sun.management.UnixOperatingSystemMXBean;

/** How many connections this process can have. */
public final class ProcessLimits {

    private static final int RESERVED_FILES = 256;
    private static final int LEAST_FILES = 2 * RESERVED_FILES;
    /** What an idle stream takes of the heap, with the server's read buffer of 8 KB, and half of what it takes when it is stalled. */
    private static final int CONNECTION_BYTES = 16 * 1024;
    /** The same over TLS 1.3: 27 KB at first, 34 KB when some events have passed, 42 KB when it is stalled; less over TLS 1.2. */
    private static final int TLS_CONNECTION_BYTES = 40 * 1024;

    private ProcessLimits() {}

    /**
     * How many connections there can be at a time.
     *
     * @throws IOException if the process may have too few files open; the message says so
     */
    public static int maxConnections(boolean tls) throws IOException {
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
        if (files < LEAST_FILES) {
            throw new IOException("the process may have " + files + " files open (ulimit -n), and needs " + LEAST_FILES);
        }
        return maxConnections(files, Runtime.getRuntime().maxMemory(), tls);
    }

    /** What the streams may take: the other half of the memory is for events and for requests that are under way. */
    public static StreamCost streamMemory(boolean tls) {
        return new StreamCost(Runtime.getRuntime().maxMemory() / 2, connectionBytes(tls));
    }

    private static int connectionBytes(boolean tls) {
        return tls ? TLS_CONNECTION_BYTES : CONNECTION_BYTES;
    }

    /**
     * Beyond the limit of open files the listener would end for good, and beyond the memory the hub; so those who come later wait
     * until others have left.
     */
    public static int maxConnections(long files, long memory, boolean tls) {
        return (int) Math.min(Math.min(files - RESERVED_FILES, memory / 2 / connectionBytes(tls)), Integer.MAX_VALUE);
    }
}
