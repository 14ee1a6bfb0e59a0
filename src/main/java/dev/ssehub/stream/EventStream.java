package dev.ssehub.stream;

import static dev.ssehub.event.Update.EARLIEST;

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
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The stream of one subscriber, from its first byte to its last. */
public final class EventStream {

    // The connection's own thread opens the stream and writes what is waiting. Then it blocks in a read, so it notices at once
    // when the client leaves, and the drainers write. Whatever ends the stream also ends the read: the client leaves; or a
    // drainer that has written the last chunk, or cannot write, interrupts the thread; or a drainer is interrupted in a write,
    // which closes the connection.

    /** The last event that the client has, in a request; the event after which the stream starts, in an answer. */
    public static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

    private final Hub hub;
    private final Drainers drainers;
    private final FrameSink sink;
    private final Thread connection = Thread.currentThread();
    private final Predicate<Chunk> task = this::drain;
    private final Subscriber subscriber;
    private Runnable afterwards = () -> {};
    /** Why the stream has ended, unless the hub has ended it. */
    private volatile DisconnectReason lost = DisconnectReason.CLIENT_GONE;

    private EventStream(Hub hub, Drainers drainers, FrameSink sink, Subscription subscription) {
        this.hub = hub;
        this.drainers = drainers;
        this.sink = sink;
        this.subscriber = hub.subscribe(subscription, _ -> drainers.add(task));
    }

    /**
     * Begins to answer a request with the events that it asks for. The headers are sent when this returns.
     *
     * @param retry how long the client is told to wait before it reconnects
     * @param beginning called with the stream before the client gets the headers; returns what to run when the stream has ended
     * @return the stream, for the handler to throw
     */
    public static Opened open(Hub hub, Drainers drainers, ServerResponse response, Duration retry, Subscription subscription,
            Function<EventStream, Runnable> beginning) {
        FrameSink sink = response.sink(FrameSink.TYPE);
        EventStream stream = new EventStream(hub, drainers, sink, subscription);
        boolean opened = false;
        try {
            stream.afterwards = beginning.apply(stream);
            stream.setLastEventId(response, subscription.lastEventId());
            sink.write(List.of(EventEncoder.opening(retry.toMillis(), stream.subscriber.startId(), "sse-hub")));
            opened = true;
            return new Opened(stream);
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    /** Tells a client that asked for past events after which event they begin (Mercure, "Reconnection"). */
    private void setLastEventId(ServerResponse response, @Nullable String requested) {
        if (requested != null) {
            String id = subscriber.startId();
            response.headers().set(LAST_EVENT_ID, id == null || requested.equals(EARLIEST) ? EARLIEST : id);
        }
    }

    /** Blocks until the stream has ended. Called once, by the connection's thread; the connection cannot be used afterwards. */
    public void run() {
        try {
            Subscriber.Next next = subscriber.drain(sink::write, sink::close);
            if (next == Subscriber.Next.MORE) {
                drainers.add(task);
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

    private boolean drain(Chunk chunk) {
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

    /** Replaces the permission of the subscriber; returns whether its stream is still open. Any thread may call. */
    public boolean renew(Permission permission) {
        return subscriber.renew(permission);
    }

    private void failed(ServerConnectionException e) {
        LOG.log(Level.TRACE, "the connection of a stream has failed", e);
        if (FrameSink.isTimeout(e)) {
            lost = DisconnectReason.TOO_SLOW;
        }
    }

    private void close() {
        hub.unsubscribe(subscriber, lost);
        afterwards.run();
        LOG.log(Level.DEBUG, () -> "the stream to " + sink.peer() + " has ended: " + subscriber.closed());
    }

    /** Takes an open stream from the handler of its request to the connection. */
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

        /** Does nothing: this is not an error, and needs no stack trace. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
