package dev.ssehub.http;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

import org.jspecify.annotations.Nullable;

import io.helidon.common.tls.ConfiguredTlsManager;

/** Closes a connection whose TLS handshake takes too long. Owns the thread that does it. */
final class HandshakeTimeout extends ConfiguredTlsManager implements AutoCloseable {

    // Helidon shakes hands before anything of the hub hears of a connection, and waits forever: with as many silent clients as
    // there may be connections, nobody else would get in. What it asks for each connection is the socket factory of the TLS
    // context, so this is a context whose factory has the socket looked at when its time is over. All the rest is the JDK's.
    // The socket is closed below TLS, which might want to say farewell.

    private static final System.Logger LOG = System.getLogger(HandshakeTimeout.class.getName());

    private final Duration timeout;
    private final ScheduledExecutorService watch = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().name("tls-handshake").daemon().factory());

    HandshakeTimeout(Duration timeout) {
        super("handshake-timeout", "handshake-timeout");
        this.timeout = timeout;
    }

    @Override
    public SSLContext sslContext() {
        SSLContext jdk = super.sslContext();
        return new SSLContext(new ContextSpi(jdk), jdk.getProvider(), jdk.getProtocol()) {
        };
    }

    private void limit(SSLSocket tls, Socket tcp) {
        // who has left already is not kept until then
        WeakReference<SSLSocket> connection = new WeakReference<>(tls);
        WeakReference<Socket> below = new WeakReference<>(tcp);
        var _ = watch.schedule(() -> {
            SSLSocket late = connection.get();
            Socket socket = below.get();
            if (late != null && socket != null && !hasShakenHands(late)) {
                close(socket);
            }
        }, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Once the client has said hello there is a protocol, empty if it is of no interest, and a session until hands are shaken. */
    private static boolean hasShakenHands(SSLSocket socket) {
        return socket.getApplicationProtocol() != null && socket.getHandshakeSession() == null;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a connection that has not shaken hands in time cannot be closed", e);
        }
    }

    /** Ends the watch, to be called when no connections come any more. Does not wait. Closing twice does nothing. */
    @Override
    public void close() {
        watch.shutdownNow();
    }

    private final class ContextSpi extends SSLContextSpi {

        private final SSLContext jdk;

        ContextSpi(SSLContext jdk) {
            this.jdk = jdk;
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return new Factory(jdk.getSocketFactory());
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
            throw new UnsupportedOperationException("it is initialised");
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
    }

    private final class Factory extends SSLSocketFactory {

        private final SSLSocketFactory jdk;

        Factory(SSLSocketFactory jdk) {
            this.jdk = jdk;
        }

        /** The one for connections that have been accepted. */
        @Override
        public Socket createSocket(Socket tcp, @Nullable InputStream consumed, boolean autoClose) throws IOException {
            SSLSocket tls = (SSLSocket) jdk.createSocket(tcp, consumed, autoClose);
            limit(tls, tcp);
            return tls;
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
    }
}
