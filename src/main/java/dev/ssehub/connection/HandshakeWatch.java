package dev.ssehub.connection;

import module java.base;
import io.helidon.common.tls.ConfiguredTlsManager;
import org.jspecify.annotations.Nullable;

/** Counts each connection before its TLS handshake, limits the time of the handshake and the work that clients cause. */
public final class HandshakeWatch extends ConfiguredTlsManager {
    // Helidon 4.5.0 waits for the handshake without a timeout, before it calls the hub's connection selector. So silent clients
    // could use up all connections. But Helidon calls the socket factory of the TLS context for each connection, on the thread
    // that completes the handshake and serves the requests. The factory below adds that thread to the watch and sets a deadline.
    // The first request keeps both. Everything else is delegated to the JDK.
    //
    // A client may ask for a new handshake at any time with TLS 1.2, and for new keys with TLS 1.3. The JDK does the work without
    // telling anyone. So the hub refuses further handshakes, and counts what the client sends below TLS.

    static {
        // the JDK has no setting for one socket, and reads this property at the first handshake of a server
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private final ConnectionWatch watch;
    private final Supplier<Duration> timeout;

    /** @param timeout returns the time that a handshake may take */
    public HandshakeWatch(ConnectionWatch watch, Supplier<Duration> timeout) {
        super("handshake-watch", "handshake-watch");
        this.watch = watch;
        this.timeout = timeout;
    }

    @Override
    public SSLContext sslContext() {
        SSLContext jdk = super.sslContext();
        return new SSLContext(watching(jdk), jdk.getProvider(), jdk.getProtocol()) {
        };
    }

    private SSLContextSpi watching(SSLContext jdk) {
        return new SSLContextSpi() {

            @Override
            protected SSLSocketFactory engineGetSocketFactory() {
                return watching(jdk.getSocketFactory());
            }

            @Override
            protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
                throw new UnsupportedOperationException("the context is already initialized");
            }

            @Override
            protected SSLServerSocketFactory engineGetServerSocketFactory() {
                return jdk.getServerSocketFactory();
            }

            @Override
            protected SSLEngine engineCreateSSLEngine() {
                return jdk.createSSLEngine();
            }

            @Override
            protected SSLEngine engineCreateSSLEngine(String host, int port) {
                return jdk.createSSLEngine(host, port);
            }

            @Override
            protected SSLSessionContext engineGetServerSessionContext() {
                return jdk.getServerSessionContext();
            }

            @Override
            protected SSLSessionContext engineGetClientSessionContext() {
                return jdk.getClientSessionContext();
            }
        };
    }

    private SSLSocketFactory watching(SSLSocketFactory jdk) {
        return new SSLSocketFactory() {

            // called for each accepted connection
            @Override
            public Socket createSocket(Socket tcp, @Nullable InputStream consumed, boolean autoClose) throws IOException {
                ConnectionWatch.Watched watched = watch.enter(tcp.getInetAddress());
                if (watched == null) {
                    throw new IOException("too many connections"); // Helidon closes the socket
                }
                watched.deadline().set(timeout.get());
                if (consumed != null) {
                    throw new IOException("the first bytes of the handshake are missing"); // Helidon 4.5.0 passes null
                }
                InputStream counted = new EncryptedInput(tcp.getInputStream(), watched.unasked(), watched.turn());
                // the JDK reads from the stream until it ends; true, because Helidon passes false but closes only this socket
                return jdk.createSocket(tcp, counted, true);
            }

            @Override
            public String[] getDefaultCipherSuites() {
                return jdk.getDefaultCipherSuites();
            }

            @Override
            public String[] getSupportedCipherSuites() {
                return jdk.getSupportedCipherSuites();
            }

            @Override
            public Socket createSocket(Socket tcp, String host, int port, boolean autoClose) throws IOException {
                return jdk.createSocket(tcp, host, port, autoClose);
            }

            @Override
            public Socket createSocket(String host, int port) throws IOException {
                return jdk.createSocket(host, port);
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
                return jdk.createSocket(host, port, local, localPort);
            }

            @Override
            public Socket createSocket(InetAddress host, int port) throws IOException {
                return jdk.createSocket(host, port);
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
                return jdk.createSocket(host, port, local, localPort);
            }
        };
    }
}
