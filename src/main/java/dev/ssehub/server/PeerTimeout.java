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

    // <asm-generic/socket.h>, <netinet/tcp.h>
    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_USER_TIMEOUT = 18;

    private static final int SOCKADDR_SIZE = 128;

    private final MethodHandle getsockopt;
    private final MethodHandle setsockopt;
    private final MethodHandle getsockname;
    private final MemorySegment value;
    private final MemorySegment address;
    private final MemorySegment length;

    private PeerTimeout(Arena arena) {
        getsockopt = function("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        setsockopt = function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
        getsockname = function("getsockname", JAVA_INT, ADDRESS, ADDRESS);
        value = arena.allocate(JAVA_INT);
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
            PeerTimeout sockets = new PeerTimeout(arena);
            for (Path file : files) {
                int descriptor = Integer.parseInt(file.getFileName().toString());
                if (sockets.listensOn(descriptor, port)) {
                    isSet |= sockets.setUserTimeout(descriptor, Math.toIntExact(timeout.toMillis()));
                }
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

    private boolean listensOn(int descriptor, int port) {
        length.set(JAVA_INT, 0, Integer.BYTES);
        if (call(getsockopt, descriptor, SOL_SOCKET, SO_ACCEPTCONN, value, length) != 0 || value.get(JAVA_INT, 0) == 0) {
            return false;
        }
        length.set(JAVA_INT, 0, SOCKADDR_SIZE);
        return call(getsockname, descriptor, address, length) == 0
                // sin_port and sin6_port have the same offset and are in network order
                && (address.get(JAVA_BYTE, 2) & 0xff) << 8 == (port & 0xff00)
                && (address.get(JAVA_BYTE, 3) & 0xff) == (port & 0xff);
    }

    private boolean setUserTimeout(int descriptor, int millis) {
        value.set(JAVA_INT, 0, millis);
        return call(setsockopt, descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, value, Integer.BYTES) == 0;
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
