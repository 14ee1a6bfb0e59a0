package dev.ssehub.connection;

import module java.base;
import dev.ssehub.limit.Budget;
import dev.ssehub.limit.ClientAddress;
import dev.ssehub.limit.Connections;
import dev.ssehub.limit.LimitSettings;
import dev.ssehub.stream.EventStream;
import dev.ssehub.thread.Turns;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import org.jspecify.annotations.Nullable;

/** A connection. Serves requests with Helidon until a request opens an event stream, and then only that stream. */
public final class HubConnection implements ServerConnection, InterruptableTask<Void> {
    // A handler that waits for the end of its stream would keep 14 KB alive: the stack of about thirty methods, the headers, and
    // the state of the routing and the response. So the handler throws EventStream.Opened, which Helidon does not catch, and the
    // thread waits here, where all of that is garbage.

    private static final long MAX_HEADER_MEMORY = 256L << 20;
    /** The connection whose requests the calling thread serves. */
    private static final ScopedValue<HubConnection> CURRENT = ScopedValue.newInstance();

    private final Thread thread = Thread.currentThread();
    private final ConnectionWatch watch;
    private final Connections.Place place;
    private final Turns.Turn turn;
    /** {@code null} after the connection has become a stream. */
    private volatile @Nullable Requests requests;

    private record Requests(Http1Connection http, RequestPhase phase, RequestBytes bytes, DataReader reader) {
        /**
         * Discards what the client sends until it closes the connection. Closing a connection with unread data resets it, and the
         * client could lose the answer. The time is limited. Always ends with a CloseConnectionException.
         */
        void awaitClose() {
            phase.lastAnswerSent();
            bytes.discard();
            while (true) {
                reader.ensureAvailable();
                reader.skip(reader.available());
            }
        }
    }

    private HubConnection(Selector selector, ConnectionContext context, ConnectionWatch.Watched watched) {
        watch = selector.watch;
        place = watched.place();
        RequestPhase phase = new RequestPhase(selector.limits, selector.memory, watched.deadline(), this::canInterrupt);
        RequestContext ofRequests = RequestContext.of(context, phase, watched);
        turn = watched.turn();
        requests = new Requests((Http1Connection) selector.http.connection(ofRequests), phase, ofRequests.bytes(),
                ofRequests.dataReader());
    }

    /** Returns the place of the connection whose request the calling thread is answering. */
    public static Connections.Place place() {
        return CURRENT.get().place;
    }

    /** Returns the client of the calling thread's request. */
    public static ClientAddress client(Headers headers) {
        return place().client(headers.contains(HeaderNames.X_FORWARDED_FOR)
                ? headers.values(HeaderNames.X_FORWARDED_FOR)
                : List.of());
    }

    private static Requests requests() {
        return Objects.requireNonNull(CURRENT.get().requests);
    }

    /** Gives the client of the calling thread's request more time, from now on, because the request goes on as intended. */
    public static void extend(Duration limit) {
        requests().phase.extend(limit);
    }

    /** Returns whether the client of the calling thread's request speaks HTTP/1.0, so that it does not understand chunks. */
    public static boolean isHttp10() {
        return requests().bytes.isHttp10();
    }

    /** Returns a header of the calling thread's request before Helidon has read the headers. Empty if it has not arrived. */
    public static Optional<String> unreadHeader(String name) {
        return CURRENT.isBound() ? requests().bytes.header(name) : Optional.empty();
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            EventStream stream = serveRequests(limit);
            if (stream != null) {
                stream.run();
            }
        } finally {
            turn.end(); // a stream with TLS takes turns when it reads
            place.close();
        }
    }

    /** Serves requests until one opens a stream. Returns the stream, or {@code null} if the connection has ended. */
    private @Nullable EventStream serveRequests(Limit limit) throws InterruptedException {
        Requests served = Objects.requireNonNull(requests);
        try {
            ScopedValue.where(CURRENT, this).where(Turns.CURRENT, turn).call(() -> {
                served.http.handle(limit);
                return true;
            });
            return null;
        } catch (UnreadBodyException _) {
            served.awaitClose();
            return null;
        } catch (EventStream.Opened opened) {
            requests = null;
            thread.setName("stream");
            return opened.stream();
        } finally {
            watch.leave(); // before the stream runs, because a stream has no deadline
            place.closedBy(served.phase.end().limit);
        }
    }

    /** Keeps Helidon from closing idle connections. Requests have deadlines, and a stream notices when the client leaves. */
    @Override
    public Duration idleTime() {
        return Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
        Requests current = requests;
        if (current != null) {
            current.http.close(interrupt);
        } else {
            thread.interrupt();
        }
    }

    @Override
    public boolean canInterrupt() {
        Requests current = requests;
        return current == null || current.http.canInterrupt();
    }

    @Override
    public void run() {
        throw new UnsupportedOperationException("Helidon calls only canInterrupt() of this task");
    }

    /** Makes every HTTP/1.1 connection of a server a {@link HubConnection}. */
    public static final class Selector implements ServerConnectionSelector {
        private final Supplier<LimitSettings> limits;
        private final ConnectionWatch watch;
        private final Budget memory = new Budget(Math.min(MAX_HEADER_MEMORY, Runtime.getRuntime().maxMemory() / 8));
        private final Http1ConnectionSelector http;

        /** @param limits returns the limits that apply now; the size of headers is limited by the first ones */
        public Selector(Supplier<LimitSettings> limits, ConnectionWatch watch) {
            int maxHeaderSize = limits.get().maxHeaderSize();
            this.limits = limits;
            this.watch = watch;
            this.http = Http1ConnectionSelector.builder().config(Http1Config.builder()
                    // EventSource does not encode the braces of a template; Form validates the query instead
                    .validatePrologue(false)
                    .maxPrologueLength(maxHeaderSize).maxHeadersSize(maxHeaderSize)
                    .addReceiveListener(new RequestContext.Listener()).build()).build();
        }

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
                throw new CloseConnectionException("too many connections");
            }
            watch.expectRequests(watched);
            return new HubConnection(this, context, watched);
        }
    }
}
