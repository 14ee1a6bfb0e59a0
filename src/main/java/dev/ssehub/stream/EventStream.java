package dev.ssehub.stream;

import static dev.ssehub.event.Update.EARLIEST;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import dev.ssehub.event.EventEncoder;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.DisconnectReason;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.subscriber.Subscriber;
import dev.ssehub.subscriber.Subscription;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerResponse;

/** One subscriber's connection, from its first byte to its last. */
public final class EventStream {

    /** The header that names the last event of a client, in requests and in answers. */
    public static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    // The connection's own thread opens the stream and then waits on the read side, where it learns at once that the client
    // has left. Writing is the drainers' business. What ends a stream always ends that wait: the client's end of stream does
    // so by itself, a drainer that has written the last chunk or cannot write interrupts it, and a drainer that was
    // interrupted in a write has closed the connection by that.

    private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

    private final Hub hub;
    private final Drainers drainers;
    private final FrameSink sink;
    private final Thread connection = Thread.currentThread();
    private final Subscriber subscriber;
    private Runnable afterwards = () -> {};
    /** Why it ends, if the hub has not ended it. */
    private volatile DisconnectReason lost = DisconnectReason.CLIENT_GONE;

    private EventStream(Hub hub, Drainers drainers, FrameSink sink, Subscription subscription) {
        this.hub = hub;
        this.drainers = drainers;
        this.sink = sink;
        this.subscriber = hub.subscribe(subscription, _ -> drainers.add(this));
    }

    /**
     * Begins to answer a request with the events that it asks for: the headers have left.
     *
     * @param retry how long the client is told to wait before it reconnects
     * @param beginning called with the stream before the client hears of it; what it returns is called when the stream is over,
     *     whatever ended it
     * @return what the connection does from now on
     */
    public static Opened open(Hub hub, Drainers drainers, ServerResponse response, Duration retry, Subscription subscription,
            Function<EventStream, Runnable> beginning) {
        FrameSink sink = response.sink(FrameSink.TYPE);
        EventStream stream = new EventStream(hub, drainers, sink, subscription);
        boolean opened = false;
        try {
            stream.afterwards = beginning.apply(stream);
            stream.sayWhereItBegins(response, subscription.lastEventId());
            sink.write(List.of(EventEncoder.opening(retry.toMillis(), stream.subscriber.startId(), "sse-hub")));
            opened = true;
            return new Opened(stream);
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    /** Mercure, "Reconnection": a client that asked for what came after an event is told after which it gets all. */
    private void sayWhereItBegins(ServerResponse response, @Nullable String requested) {
        if (requested != null) {
            String id = subscriber.startId();
            response.headers().set(LAST_EVENT_ID, id == null || requested.equals(EARLIEST) ? EARLIEST : id);
        }
    }

    /** Blocks until the stream is over. Called by the connection's thread, once; the connection is of no use after that. */
    public void run() {
        try {
            Subscriber.Next next = subscriber.drain(sink::write, sink::close);
            if (next == Subscriber.Next.MORE) {
                drainers.add(this);
            }
            if (next != Subscriber.Next.END) {
                sink.awaitDisconnect();
            }
        } catch (ServerConnectionException e) {
            failed(e);
        } finally {
            close();
        }
    }

    /** Writes once, and says whether there is more to write. Called by one drainer at a time. */
    boolean drain(Chunk chunk) {
        boolean goesOn = false;
        try {
            Subscriber.Next next = subscriber.drain(frames -> sink.write(frames, chunk), sink::close);
            goesOn = next != Subscriber.Next.END;
            return next == Subscriber.Next.MORE;
        } catch (ServerConnectionException e) {
            failed(e);
            return false;
        } finally {
            if (!goesOn) {
                connection.interrupt();
            }
        }
    }

    /** Has it go on with a fresh permission; returns whether it does, and has not ended. Any thread may call. */
    public boolean renew(Permission permission) {
        return subscriber.renew(permission);
    }

    private void failed(ServerConnectionException e) {
        LOG.log(Level.TRACE, "the connection has ended", e);
        if (FrameSink.isTimeout(e)) {
            lost = DisconnectReason.TOO_SLOW;
        }
    }

    private void close() {
        hub.unsubscribe(subscriber, lost);
        afterwards.run();
        LOG.log(Level.DEBUG, () -> "the stream of " + sink.peer() + " ended: " + subscriber.closed());
    }

    /** Takes a stream from the handler of its request to the connection, which goes on with it. */
    public static final class Opened extends CloseConnectionException {

        private static final long serialVersionUID = 1;

        private final transient EventStream stream;

        private Opened(EventStream stream) {
            super("this connection is an event stream from now on");
            this.stream = stream;
        }

        public EventStream stream() {
            return stream;
        }

        /** It is no error, and nobody asks where it comes from. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
