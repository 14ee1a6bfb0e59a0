package dev.ssehub.mercure;

import dev.ssehub.event.HubEvents;
import dev.ssehub.http.Refusal;
import dev.ssehub.stream.FrameSink;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Refuses a subscriber for the time being. An EventSource reconnects only after a 200 (WHATWG HTML 9.2.3), so it receives a stream
 * of one event that tells it when to reconnect. Other clients receive a 503. The time is random, so that the clients do not all
 * return at once.
 */
final class Overload {

    private final long averageMillis;

    /** @param retry the average time until a client is told to return */
    Overload(Duration retry) {
        this.averageMillis = retry.toMillis();
    }

    /** Sends the refusal. The connection is closed after it. */
    void send(ServerRequest request, ServerResponse response, String reason) {
        long millis = averageMillis / 2 + ThreadLocalRandom.current().nextLong(averageMillis + 1);
        response.header(HeaderValues.CONNECTION_CLOSE);
        if (asksForEvents(request)) {
            FrameSink.setHeaders(response.headers());
            response.send(HubEvents.overload(reason, millis));
        } else {
            Refusal.unavailable(reason, Duration.ofMillis(millis)).send(request, response);
        }
    }

    /** A client that accepts any type is curl or a library whose user wants to see the status. */
    private static boolean asksForEvents(ServerRequest request) {
        return request.headers().values(HeaderNames.ACCEPT).stream()
                .anyMatch(types -> types.toLowerCase(Locale.ROOT).contains(MediaTypes.TEXT_EVENT_STREAM.text()));
    }
}
