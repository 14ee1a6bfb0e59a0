package dev.ssehub.http;

import static dev.ssehub.hub.Update.EARLIEST;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

import dev.ssehub.hub.DisconnectReason;
import dev.ssehub.hub.EventEncoder;
import dev.ssehub.hub.Hub;
import dev.ssehub.hub.Subscriber;
import dev.ssehub.hub.Subscription;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** One subscriber's connection, from its first byte to its last. */
final class EventStream {

    // The connection's own thread opens the stream and then waits on the read side, where it learns at once that the client
    // has left. Writing is the drainers' business: short-lived virtual threads, one at a time, that the hub asks for. What
    // ends a stream always ends that wait: the client's end of stream does so by itself, a drainer that has written the last
    // chunk or cannot write interrupts it, and a drainer that was interrupted in a write has closed the connection by that.

    private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

    private final FrameSink sink;
    private final Thread connection = Thread.currentThread();

    private EventStream(FrameSink sink) {
        this.sink = sink;
    }

    /**
     * Answers a request with the events that it asks for. Blocks until the stream is over.
     *
     * @param retry
     *            how long the client is told to wait before it reconnects
     * @throws CloseConnectionException
     *             in the end, always: what the client has sent meanwhile is gone, so the connection cannot be used again
     */
    static void serve(Hub hub, ServerRequest request, ServerResponse response, Duration retry, Subscription subscription) {
        EventStream stream = new EventStream(response.sink(FrameSink.TYPE));
        Subscriber subscriber = hub.subscribe(subscription, stream::startDrainer);
        try {
            sayWhereItBegins(response, subscription, subscriber);
            stream.run(subscriber, EventEncoder.opening(retry.toMillis(), subscriber.startId(), "sse-hub"));
        } finally {
            hub.unsubscribe(subscriber, DisconnectReason.CLIENT_GONE);
            LOG.log(Level.DEBUG, () -> "stream of " + request.remotePeer().host() + " ended: " + subscriber.closed());
        }
        throw new CloseConnectionException("the event stream is over");
    }

    /** Mercure, "Reconnection": a client that asked for what came after an event is told after which it gets all. */
    private static void sayWhereItBegins(ServerResponse response, Subscription subscription, Subscriber subscriber) {
        String requested = subscription.lastEventId();
        if (requested != null) {
            String id = subscriber.startId();
            response.headers().set(SseService.LAST_EVENT_ID, id == null || requested.equals(EARLIEST) ? EARLIEST : id);
        }
    }

    private void run(Subscriber subscriber, byte[] opening) {
        try {
            sink.write(List.of(opening));
            if (subscriber.drain(sink::write)) {
                sink.close();
            } else {
                sink.awaitDisconnect();
            }
        } catch (ServerConnectionException e) {
            LOG.log(Level.TRACE, "the client left while it was written to", e);
        }
    }

    private void startDrainer(Subscriber subscriber) {
        Thread.ofVirtual().name("drainer").start(() -> drain(subscriber));
    }

    private void drain(Subscriber subscriber) {
        boolean goesOn = false;
        try {
            if (subscriber.drain(sink::write)) {
                sink.close();
            } else {
                goesOn = true;
            }
        } catch (ServerConnectionException e) {
            LOG.log(Level.TRACE, "the client left while it was written to", e);
        } finally {
            if (!goesOn) {
                connection.interrupt();
            }
        }
    }
}
