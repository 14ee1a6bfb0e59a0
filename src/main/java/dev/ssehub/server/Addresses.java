package dev.ssehub.server;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Tries whether a server can listen on its addresses, because Helidon only logs that it cannot. */
public final class Addresses {
    private Addresses() {}

    /** Fails if the server could not listen. Tries both ports together, because they could be the same. */
    static void tryToListen(ServerSettings settings) throws IOException {
        listen(settings, false);
    }

    /**
     * Fails if the server could not listen even if its ports were free: a hub may be using them.
     *
     * @throws IOException if an address does not exist on this machine, or a port is forbidden, or both are the same; the message says
     *     which
     */
    public static void check(ServerSettings settings) throws IOException {
        listen(settings, true);
    }

    private static void listen(ServerSettings settings, boolean mayBeTaken) throws IOException {
        ServerSettings.Observe observe = settings.observe().orElse(null);
        try (ServerSocket _ = listen("server", settings.host(), settings.port(), mayBeTaken);
                ServerSocket _ = observe == null
                        ? null
                        : listen("sse-hub.observe", observe.host(), observe.port(),
                                mayBeTaken && observe.port() != settings.port())) {
            // close both
        }
    }

    /** Returns the socket, or {@code null} if the port is taken and may be. */
    private static @Nullable ServerSocket listen(String section, String host, int port, boolean mayBeTaken) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            if (mayBeTaken && String.valueOf(e.getMessage()).contains("in use")) {
                return null;
            }
            throw new IOException("cannot listen on " + section + ".host " + host + ", " + section + ".port " + port + ": "
                    + (e instanceof UnknownHostException ? "unknown host" : e.getMessage()), e);
        }
    }
}
