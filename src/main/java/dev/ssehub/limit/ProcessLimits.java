package dev.ssehub.limit;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/**
 * What the open files and the memory of this process allow.
 *
 * @param connections the number of connections
 * @param streamMemory the bytes for all streams with their topics
 * @param streamBytes the bytes of one stream without its topics
 */
public record ProcessLimits(int connections, long streamMemory, int streamBytes) {

    private static final int RESERVED_FILES = 256;
    private static final int MIN_FILES = 2 * RESERVED_FILES;
    /** The heap that an idle stream takes, with the server's read buffer of 8 KB, and half of what a stalled stream takes. */
    private static final int STREAM_BYTES = 16 * 1024;
    /** The same over TLS 1.3: 27 KB at first, 34 KB after some events, 42 KB when stalled. Over TLS 1.2 it is less. */
    private static final int TLS_STREAM_BYTES = 40 * 1024;
    /** Streams may fill half of the heap. The other half is for events and for requests in progress. */
    private static final int PART_OF_HEAP = 2;

    /**
     * Returns the limits of this process.
     *
     * @throws IOException if the process may open too few files; the message says so
     */
    public static ProcessLimits of(boolean tls) throws IOException {
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
        if (files < MIN_FILES) {
            throw new IOException("the process may open " + files + " files (ulimit -n), but needs " + MIN_FILES);
        }
        return of(files, Runtime.getRuntime().maxMemory(), tls);
    }

    /**
     * Beyond the limit of open files the listener would stop for good, and beyond the memory the hub would. So the connections
     * that come later wait until others have ended.
     */
    static ProcessLimits of(long files, long heap, boolean tls) {
        int streamBytes = tls ? TLS_STREAM_BYTES : STREAM_BYTES;
        long streamMemory = heap / PART_OF_HEAP;
        long connections = Math.min(files - RESERVED_FILES, streamMemory / streamBytes);
        return new ProcessLimits((int) Math.min(connections, Integer.MAX_VALUE), streamMemory, streamBytes);
    }
}
