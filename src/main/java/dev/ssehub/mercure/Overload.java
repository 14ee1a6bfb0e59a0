package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.event.HubEvents;
import dev.ssehub.http.Refusal;
import dev.ssehub.stream.FrameSink;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Refuses a subscriber for now. An EventSource reconnects only after a 200 (WHATWG HTML 9.2.3), so it receives a stream
 * of one event that tells it when to reconnect. Other clients receive a 503. The time is random, so that the clients do not all
 * return at once.
 */
final class Overload {

    private Overload() {}

    /** Sends the refusal, after which the connection is closed. The average time until a client returns is {@code retry}. */
    static void send(ServerRequest request, ServerResponse response, String reason, Duration retry) {
        long millis = retry.toMillis() / 2 + ThreadLocalRandom.current().nextLong(retry.toMillis() + 1);
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
