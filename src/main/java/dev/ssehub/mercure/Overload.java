package dev.ssehub.mercure;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

import dev.ssehub.event.HubEvents;
import dev.ssehub.http.Refusal;
import dev.ssehub.stream.FrameSink;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Refuses a subscriber for now. EventSource never comes back after anything but 200 (WHATWG HTML, 9.2.3), so it gets a stream that
 * tells it when to, and ends; others get 503. Chance spreads those who come back.
 */
final class Overload {

    private final long averageMillis;

    /** @param retry how long they are told to wait, on average */
    Overload(Duration retry) {
        this.averageMillis = retry.toMillis();
    }

    /** Says it. The connection ends with that. */
    void send(ServerRequest request, ServerResponse response, String sentence) {
        long millis = averageMillis / 2 + ThreadLocalRandom.current().nextLong(averageMillis + 1);
        response.header(HeaderValues.CONNECTION_CLOSE);
        if (asksForEvents(request)) {
            FrameSink.describe(response.headers());
            response.send(HubEvents.overload(sentence, millis));
        } else {
            Refusal.unavailable(sentence, Duration.ofMillis(millis)).send(request, response);
        }
    }

    /** By name: what takes anything is curl, or a library whose user wants to see a status. */
    private static boolean asksForEvents(ServerRequest request) {
        return request.headers().values(HeaderNames.ACCEPT).stream()
                .anyMatch(types -> types.toLowerCase(Locale.ROOT).contains(MediaTypes.TEXT_EVENT_STREAM.text()));
    }
}
