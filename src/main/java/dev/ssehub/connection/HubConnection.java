package dev.ssehub.connection;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import dev.ssehub.limit.Connections;
import dev.ssehub.limit.HeaderBudget;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.stream.EventStream;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/** A connection: Helidon's HTTP/1.1 until it answers a request with an event stream, and from then on that stream. */
public final class HubConnection implements ServerConnection, InterruptableTask<Void> {

    // A handler that waits for its stream to end would keep all that the request has brought: the stack of some thirty
    // methods, the headers, the routing's and the response's state, 14 KB in all. So it returns, by an exception that Helidon
    // lets through, and the thread waits here, where nothing of that is left.

    private static final ScopedValue<Connections.Place> PLACE = ScopedValue.newInstance();

    private final Thread thread = Thread.currentThread();
    private final ConnectionWatch watch;
    private final Connections.Place place;
    private @Nullable RequestPhase phase;
    private volatile @Nullable Http1Connection http;

    private HubConnection(Selector selector, ConnectionContext context, ConnectionWatch.Watched watched) {
        watch = selector.watch;
        place = watched.place();
        RequestPhase requests = new RequestPhase(selector.limits, selector.memory, watched.deadline(), this::readsFirstLine);
        phase = requests;
        http = (Http1Connection) selector.http.connection(RequestContext.of(context, requests));
    }

    /** The place among all connections of the one whose request the calling thread answers. */
    public static Connections.Place place() {
        return PLACE.get();
    }

    private boolean readsFirstLine() {
        Http1Connection current = http;
        return current != null && current.canInterrupt();
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            EventStream stream = untilStream(limit);
            if (stream != null) {
                stream.run();
            }
        } finally {
            place.close();
        }
    }

    private @Nullable EventStream untilStream(Limit limit) throws InterruptedException {
        Http1Connection before = Objects.requireNonNull(http);
        try {
            ScopedValue.where(PLACE, place).call(() -> {
                before.handle(limit);
                return true;
            });
            return null;
        } catch (EventStream.Opened opened) {
            http = null;
            thread.setName("stream");
            return opened.stream();
        } finally {
            endRequests(); // before the stream goes on: it has no deadline
        }
    }

    private void endRequests() {
        watch.leave();
        RequestPhase requests = phase;
        phase = null;
        if (requests != null) {
            place.tell(requests.end());
        }
    }

    /** Never for Helidon: a request has its own deadlines, and the hub finds out whether a stream's client is still there. */
    @Override
    public Duration idleTime() {
        return Duration.ZERO;
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

    /**
     * Helidon's selector of HTTP/1.1, whose connections can become streams.
     *
     * @param memory what the headers of all requests together may take
     */
    public record Selector(Http1ConnectionSelector http, LimitSettings limits, ConnectionWatch watch, HeaderBudget memory)
            implements
                ServerConnectionSelector {

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
            ConnectionWatch.Watched watched = watch.enter(((InetSocketAddress) context.remotePeer().address()).getAddress());
            if (watched == null) {
                throw new CloseConnectionException("there are too many connections");
            }
            return new HubConnection(this, context, watched);
        }
    }
}
