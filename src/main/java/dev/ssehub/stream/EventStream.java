package dev.ssehub.stream;

import module java.base;
import static dev.ssehub.event.Update.EARLIEST;

import dev.ssehub.event.EventEncoder;
import dev.ssehub.history.HistoryUnavailableException;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Next;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.StreamStatus;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;
import dev.ssehub.tracing.TraceContext;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger.Level;

/** The stream of one subscriber, from the first byte to the last. */
public final class EventStream {
    // The connection's thread opens the stream and writes once. Then it blocks in a read, to notice when the client leaves, and
    // the drainers write. When the stream ends, the read ends, too: because the client leaves or keeps sending; because a drainer
    // that has written the last chunk, or cannot write, interrupts it; or because a drainer is interrupted in a write, which
    // closes the socket.

    /** In a request, the last event that the client has. In an answer, the event after which the stream starts. */
    public static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

    private static final long WRITER_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Outlet outlet;
    private final FrameSink sink;
    private final Thread connection = Thread.currentThread();
    private final Predicate<Chunk> task = this::drain;
    private final Subscriber subscriber;
    private Runnable onEnd = () -> {};
    private Consumer<StreamStatus> atEnd = _ -> {};
    private final Optional<TraceContext> trace = TraceContext.current();
    private final long opened = System.nanoTime();
    /** Whether a drainer is at work. */
    private volatile boolean writing;
    /** Why the stream has ended, if the hub has not closed it. */
    private volatile DisconnectReason endReason = DisconnectReason.CLIENT_GONE;

    private EventStream(Outlet outlet, ServerResponse response, Subscription subscription) {
        this.outlet = outlet;
        // before the answer begins, so that another answer is possible if the history cannot be read
        this.subscriber = outlet.hub().subscribe(subscription, _ -> outlet.drainers().add(task));
        try {
            this.sink = response.sink(FrameSink.TYPE);
        } catch (Throwable e) {
            outlet.hub().unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
            throw e;
        }
    }

    /**
     * Subscribes, and sends the headers and the first frame.
     *
     * @param retry the client's reconnection time
     * @param onOpen called with the stream before the headers are sent; returns an action that runs after the stream has ended
     * @return the exception that the handler must throw
     * @throws HistoryUnavailableException if the history cannot be read now; the response has not begun
     */
    public static Opened open(Outlet outlet, ServerResponse response, Duration retry, Subscription subscription,
            Function<EventStream, Runnable> onOpen) {
        EventStream stream = new EventStream(outlet, response, subscription);
        try {
            stream.onEnd = onOpen.apply(stream);
            String startId = stream.subscriber.startId();
            if (subscription.lastEventId() != null) { // the client asked for past events (Mercure, "Reconnection")
                response.headers().set(LAST_EVENT_ID,
                        startId == null || subscription.lastEventId().equals(EARLIEST) ? EARLIEST : startId);
            }
            stream.sink.write(List.of(EventEncoder.comment(retry.toMillis(), startId, "sse-hub", subscription.checkpoints())));
            return new Opened(stream);
        } catch (Throwable e) {
            stream.close();
            throw e;
        }
    }

    /** Sets what learns how the stream has ended. Called by the connection's thread, before it runs the stream. */
    public void onEnd(Consumer<StreamStatus> action) {
        atEnd = action;
    }

    /** Blocks until the stream has ended. Called once by the connection's thread. The connection cannot be used afterwards. */
    public void run() {
        boolean reading = false;
        try {
            Next next = subscriber.drain(sink::write, this::end);
            if (next == Next.MORE) {
                outlet.drainers().add(task);
            }
            if (next != Next.END) {
                reading = true;
                sink.awaitDisconnect();
                awaitWriter();
            }
        } catch (ServerConnectionException e) {
            failed(e, !reading || writing);
        } finally {
            close();
        }
    }

    /**
     * Waits a moment for a write in progress. When the kernel gives up a connection, only one of two threads receives the error. The
     * other thread reads an end, as if the client had left.
     */
    private void awaitWriter() {
        long end = System.nanoTime() + WRITER_NANOS;
        while (writing && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(WRITER_NANOS / 20);
        }
    }

    private boolean drain(Chunk chunk) {
        Next next = Next.END;
        writing = true;
        try {
            next = subscriber.drain(frames -> sink.write(frames, chunk), this::end);
        } catch (ServerConnectionException e) {
            failed(e, true);
        } finally {
            writing = false;
            if (next == Next.END) {
                connection.interrupt();
            }
        }
        return next == Next.MORE;
    }

    /**
     * Ends the response. If the client is to come back, leaves the response incomplete: some libraries take a proper end for the end of
     * all events, and do not reconnect.
     */
    private void end() {
        DisconnectReason reason = subscriber.closed();
        if (reason != DisconnectReason.SHUTDOWN && reason != DisconnectReason.OPERATOR) {
            sink.close();
        }
    }

    /** Replaces the permission of the subscriber. Returns whether the stream is still open. Any thread may call. */
    public boolean renew(Permission permission) {
        return subscriber.renew(permission);
    }

    private void failed(ServerConnectionException e, boolean writing) {
        LOG.log(Level.TRACE, "the connection of a stream has failed", e);
        DisconnectReason reason = FrameSink.reason(e, writing);
        if (endReason == DisconnectReason.CLIENT_GONE) { // the drainer and the connection's thread can fail at the same time
            endReason = reason;
        }
    }

    private void close() {
        outlet.hub().unsubscribe(subscriber, endReason);
        onEnd.run();
        StreamStatus status = subscriber.status();
        outlet.ends().ended(status, Duration.ofNanos(System.nanoTime() - opened), trace);
        atEnd.accept(status);
    }

    /** Passes an open stream from the request's handler to the connection. */
    public static final class Opened extends CloseConnectionException {
        private static final long serialVersionUID = 1;

        private final transient EventStream stream;

        private Opened(EventStream stream) {
            super("the connection has become an event stream");
            this.stream = stream;
        }

        public EventStream stream() {
            return stream;
        }

        /** Does nothing, because this exception needs no stack trace. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
