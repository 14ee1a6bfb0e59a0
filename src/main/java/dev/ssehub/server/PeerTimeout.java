package dev.ssehub.server;

import module java.base;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.System.Logger.Level;

/**
 * Sets the time after which the kernel closes a connection whose client does not acknowledge the sent bytes (TCP_USER_TIMEOUT,
 * tcp(7), RFC 5482).
 *
 * <p>
 * A client that vanishes without a FIN (power, radio, cable) still takes writes: they fill the kernel's buffer, not the hub's.
 * Without this option, TCP gives up only after a quarter of an hour. Java has no name for the option, so this class calls
 * setsockopt. Connections inherit the option from the listening socket, which is found among the open files of the process.
 */
final class PeerTimeout {
    private static final System.Logger LOG = System.getLogger(PeerTimeout.class.getName());
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    // <netinet/tcp.h>
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_USER_TIMEOUT = 18;

    private static final int SOCKADDR_SIZE = 128;

    private final MethodHandle setsockopt = function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle getsockname = function("getsockname", JAVA_INT, ADDRESS, ADDRESS);
    private final MemorySegment millis;
    private final MemorySegment address;
    private final MemorySegment length;

    private PeerTimeout(Arena arena, Duration timeout) {
        millis = arena.allocateFrom(JAVA_INT, Math.toIntExact(timeout.toMillis()));
        address = arena.allocate(SOCKADDR_SIZE);
        length = arena.allocate(JAVA_INT);
    }

    /**
     * Sets the timeout of the connections that the process accepts on this port from now on.
     *
     * @return whether the timeout is set; always {@code false} if the system is not Linux
     */
    static boolean set(int port, Duration timeout) {
        if (!Files.isDirectory(OPEN_FILES)) {
            return false;
        }
        boolean isSet = false;
        try (Arena arena = Arena.ofConfined(); DirectoryStream<Path> files = Files.newDirectoryStream(OPEN_FILES)) {
            PeerTimeout sockets = new PeerTimeout(arena, timeout);
            for (Path file : files) {
                isSet |= sockets.setOf(Integer.parseInt(file.getFileName().toString()), port);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "could not set TCP_USER_TIMEOUT", e);
        }
        return isSet;
    }

    @SuppressWarnings("restricted") // this class exists to call native functions
    private static MethodHandle function(String name, MemoryLayout... parameters) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
    }

    /** Sets the timeout if the file is a TCP socket with this local port: the listening socket, or a connection that it accepted. */
    private boolean setOf(int descriptor, int port) {
        length.set(JAVA_INT, 0, SOCKADDR_SIZE);
        try { // with invokeExact, the first call takes half the time
            return (int) getsockname.invokeExact(descriptor, address, length) == 0
                    // sin_port and sin6_port have the same offset and are in network order
                    && (address.get(JAVA_BYTE, 2) & 0xff) << 8 == (port & 0xff00)
                    && (address.get(JAVA_BYTE, 3) & 0xff) == (port & 0xff)
                    && (int) setsockopt.invokeExact(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, millis, Integer.BYTES) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
