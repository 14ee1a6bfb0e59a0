package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisUri.Address;
import dev.ssehub.thread.PeriodicTask;

/** Opens the sockets to servers, with TLS or without, and ends writes that a server does not take. Thread-safe. */
final class Dialer implements AutoCloseable {
    /*
     * A read on a socket can have a timeout, a write cannot: if a server is frozen and the buffers on the way are full, a write waits
     * until the server continues. So each socket tells since when it writes, and a task closes those that have written for too long.
     * It closes the socket below TLS, because closing a TLS socket may itself wait for the write.
     */

    private final Duration timeout;
    private final Optional<SSLContext> tls;
    private final Set<WatchedSocket> sockets = ConcurrentHashMap.newKeySet();
    private final PeriodicTask watch;
    private volatile boolean closed;

    /** @param timeout how long a write may take, and how long each read and a connection may take at most */
    Dialer(Duration timeout, Optional<SSLContext> tls) {
        this.timeout = timeout;
        this.tls = tls;
        this.watch = PeriodicTask.start("redis-writes", timeout.dividedBy(4), this::endLongWrites);
    }

    private void endLongWrites() {
        sockets.forEach(socket -> socket.endWriteAfter(timeout));
    }

    /**
     * Connects to a server.
     *
     * @param share by what the timeout is divided, if several servers may be asked
     * @throws UnreachableException if the server cannot be reached, or has no certificate that this hub trusts
     */
    Socket dial(Address address, int share) {
        int millis = Math.max(1, (int) timeout.dividedBy(share).toMillis());
        WatchedSocket socket;
        try {
            socket = connect(address, millis);
        } catch (IOException e) {
            throw UnreachableException.connecting(address, e);
        }
        try {
            return tls.isPresent() ? encrypt(socket, address, tls.get()) : socket;
        } catch (IOException e) {
            socket.closeNow();
            throw UnreachableException.encrypting(address, e);
        }
    }

    /** A name can have several addresses, not all of which answer. */
    private WatchedSocket connect(Address address, int millis) throws IOException {
        List<InetAddress> hosts = List.of(InetAddress.getAllByName(address.host()));
        IOException failure = new UnknownHostException(address.host());
        for (InetAddress host : hosts) {
            WatchedSocket socket = new WatchedSocket(sockets);
            try {
                if (closed) {
                    throw new SocketException("the hub is stopping");
                }
                socket.setKeepAlive(true);
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(millis);
                socket.connect(new InetSocketAddress(host, address.port()), Math.max(1, millis / hosts.size()));
                return socket;
            } catch (IOException e) {
                socket.closeNow();
                failure = e;
            }
        }
        throw failure;
    }

    private static Socket encrypt(Socket socket, Address address, SSLContext context) throws IOException {
        SSLSocket encrypted = (SSLSocket) context.getSocketFactory().createSocket(socket, address.host(), address.port(), true);
        SSLParameters parameters = encrypted.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be for this host
        encrypted.setSSLParameters(parameters);
        encrypted.startHandshake();
        return encrypted;
    }

    /** Closes all sockets, and opens no more. Closing again does nothing. */
    @Override
    public void close() {
        closed = true;
        watch.close();
        sockets.forEach(WatchedSocket::closeNow);
    }
}
