package dev.ssehub.limit;

import module java.base;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The limits that follow from the open files and the heap of this process.
 *
 * @param connections the maximum number of connections
 * @param streamMemory the maximum memory for all streams and their topics, in bytes
 * @param streamBytes the memory of one stream without its topics, in bytes
 */
public record ProcessLimits(int connections, long streamMemory, int streamBytes) {
    private static final int RESERVED_FILES = 256;
    /** The heap that an idle stream uses, including the server's read buffer of 8 KB. It is half of what a stalled stream uses. */
    private static final int STREAM_BYTES = 16 * 1024;
    /** The heap of a stream over TLS, measured: 26 KB at first, 55 KB after a TLS record of 16 KB. The JDK keeps its buffers. */
    private static final int TLS_STREAM_BYTES = 56 * 1024;

    /**
     * Returns the limits of this process.
     *
     * @throws IOException if the process may open too few files; the message says so
     */
    public static ProcessLimits of(boolean tls) throws IOException {
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
        if (files < 2 * RESERVED_FILES) {
            throw new IOException("the process may open " + files + " files (ulimit -n), but needs " + 2 * RESERVED_FILES);
        }
        return of(files, Runtime.getRuntime().maxMemory(), tls);
    }

    /**
     * Computes the limits. Without them, too many open files would stop the listener, and too many streams would exhaust the heap.
     * With them, new connections wait until other connections have ended.
     */
    static ProcessLimits of(long files, long heap, boolean tls) {
        int streamBytes = tls ? TLS_STREAM_BYTES : STREAM_BYTES;
        long streamMemory = heap / 2; // the other half is for events and for requests in progress
        long connections = Math.min(files - RESERVED_FILES, streamMemory / streamBytes);
        return new ProcessLimits((int) Math.min(connections, Integer.MAX_VALUE), streamMemory, streamBytes);
    }
}
