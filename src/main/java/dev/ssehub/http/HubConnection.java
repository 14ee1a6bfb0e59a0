package dev.ssehub.http;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/** A connection: Helidon's HTTP/1.1 until it answers a request with an event stream, and from then on that stream. */
final class HubConnection implements ServerConnection, InterruptableTask<Void> {

    // A handler that waits for its stream to end would keep all that the request has brought: the stack of some thirty
    // methods, the headers, the routing's and the response's state, 14 KB in all. So it returns, by an exception that Helidon
    // lets through, and the thread waits here, where nothing of that is left.

    private final Thread thread = Thread.currentThread();
    private final ConnectionCount count;
    private volatile @Nullable Http1Connection http;

    private HubConnection(Http1Connection http, ConnectionCount count) {
        this.http = http;
        this.count = count;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        count.add();
        try {
            EventStream stream = untilStream(Objects.requireNonNull(http), limit);
            if (stream != null) {
                stream.run();
            }
        } finally {
            count.remove();
        }
    }

    private @Nullable EventStream untilStream(Http1Connection before, Limit limit) throws InterruptedException {
        try {
            before.handle(limit);
            return null;
        } catch (EventStream.Opened opened) {
            http = null;
            thread.setName("stream");
            return opened.stream();
        }
    }

    /** A stream is never idle: the hub has its own way to find out whether the client is still there. */
    @Override
    public Duration idleTime() {
        Http1Connection current = http;
        return current == null ? Duration.ZERO : current.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        Http1Connection current = http;
        if (current != null) {
            current.close(interrupt);
        } else {
            thread.interrupt();
        }
    }

    @Override
    public boolean canInterrupt() {
        Http1Connection current = http;
        return current == null || current.canInterrupt();
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException("Helidon only asks whether it may interrupt");
    }

    /** Helidon's selector of HTTP/1.1, whose connections can become streams. */
    record Selector(Http1ConnectionSelector http, ConnectionCount count) implements ServerConnectionSelector {

        @Override
        public int bytesToIdentifyConnection() {
            return http.bytesToIdentifyConnection();
        }

        @Override
        public Support supports(BufferData data) {
            return http.supports(data);
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return http.supportedApplicationProtocols();
        }

        @Override
        public ServerConnection connection(ConnectionContext context) {
            return new HubConnection((Http1Connection) http.connection(RequestContext.of(context)), count);
        }
    }
}
