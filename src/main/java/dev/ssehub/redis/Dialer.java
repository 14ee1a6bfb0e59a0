package dev.ssehub.redis;

import module java.base;
import dev.ssehub.redis.RedisUri.Address;
import dev.ssehub.thread.PeriodicTask;

/** Opens the sockets to servers, with TLS or without, and ends writes that a server does not take. Thread-safe. */
final class Dialer implements AutoCloseable {
    /*
     * A read from a socket can have a timeout, but a write cannot. If a server is frozen and the buffers on the way are
     * full, a write waits until the server continues. So each socket knows when its write began, and a task closes the
     * sockets whose write takes too long. It closes the socket below TLS, because closing a TLS socket may itself wait
     * for the write.
     */

    private final Duration timeout;
    private final Optional<SSLContext> tls;
    private final Set<WatchedSocket> sockets = ConcurrentHashMap.newKeySet();
    private final PeriodicTask watch;
    private final Names names = new Names(host -> () -> InetAddress.getAllByName(host));
    private volatile boolean closed;

    /** @param timeout how long a write may take */
    Dialer(Duration timeout, Optional<SSLContext> tls) {
        this.timeout = timeout;
        this.tls = tls;
        this.watch = PeriodicTask.start("redis-writes", timeout.dividedBy(4), this::endLongWrites);
    }

    private void endLongWrites() {
        sockets.forEach(socket -> socket.endWriteAfter(timeout));
    }

    /**
     * Connects to a server before the deadline. The time that is left then becomes the timeout of each read on the socket.
     *
     * @throws UnreachableException if the server cannot be reached, or has no certificate that this hub trusts
     */
    Socket dial(Address address, Deadline deadline) {
        WatchedSocket socket;
        try {
            socket = connect(address, deadline);
        } catch (IOException e) {
            throw Failures.connecting(address, e);
        }
        try {
            Socket ready = tls.isPresent() ? encrypt(socket, address, tls.get()) : socket;
            ready.setSoTimeout(deadline.millisLeft());
            return ready;
        } catch (IOException e) {
            socket.closeNow();
            throw Failures.encrypting(address, e);
        }
    }

    /** Tries all addresses of a name, because some of them may not answer. */
    private WatchedSocket connect(Address address, Deadline deadline) throws IOException {
        List<InetAddress> hosts = names.addresses(address.host(), deadline);
        IOException failure = new UnknownHostException(address.host());
        for (int i = 0; i < hosts.size(); i++) {
            WatchedSocket socket = new WatchedSocket(sockets);
            try {
                if (closed) {
                    throw new SocketException("the hub is stopping");
                }
                socket.setKeepAlive(true);
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(hosts.get(i), address.port()),
                        deadline.ofFirst(hosts.size() - i).millisLeft());
                socket.setSoTimeout(deadline.millisLeft());
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
