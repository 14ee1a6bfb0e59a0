package dev.ssehub.http;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.connection.HubConnection;
import dev.ssehub.metrics.Limit;
import dev.ssehub.metrics.Meters;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import org.jspecify.annotations.Nullable;

/** Adds a sentence to each error that Helidon answers without the hub. It contains nothing that the client has sent. */
public record DirectErrors(Meters meters, CrossOrigin pages) implements DirectHandler {
    /** The message of Helidon 4.5.0 if the headers are too large. The status is the same as for a malformed request. */
    private static final String HEADERS_TOO_LARGE = "Header size exceeded";
    private static final Status TOO_LARGE = Status.create(431, "Request Header Fields Too Large");

    /** Returns handlers for every type of event. */
    public static DirectHandlers create(Meters meters, CrossOrigin pages) {
        DirectErrors errors = new DirectErrors(meters, pages);
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        Stream.of(EventType.values()).forEach(type -> handlers.addHandler(type, errors));
        return handlers.build();
    }

    /** Answers a request that did not reach the routing. */
    @Override
    public TransportResponse handle(TransportRequest request, EventType type, Status found, ServerResponseHeaders headers,
            @Nullable String message) {
        SecurityHeaders.set(headers);
        pages.announce(request.path(), request.headers().first(HeaderNames.ORIGIN).or(() -> HubConnection.unreadHeader("Origin")),
                headers);
        // Helidon 4.5.0 reports an invalid method as an internal error; no other internal error has a request without a method
        boolean badMethod = type == EventType.INTERNAL_ERROR && request.method().isEmpty();
        Status known = badMethod ? Status.BAD_REQUEST_400 : found;
        Status status = HEADERS_TOO_LARGE.equals(message) ? TOO_LARGE : known;
        meters.answered(status.code());
        if (status.equals(TOO_LARGE) || status.equals(Status.REQUEST_URI_TOO_LONG_414)) {
            meters.reached(Limit.HEADER_SIZE);
        }
        TransportResponse answer = answer(request, status, headers);
        AccessLog.refused(request, status, answer.entity().map(entity -> entity.length).orElse(0));
        return answer;
    }

    /** Answers a request that failed in the routing, where the filters have set the headers and count the answer. */
    @Override
    public TransportResponse handle(TransportRequest request, EventType type, Status found, ServerResponseHeaders headers,
            Throwable thrown) {
        return answer(request, found, headers);
    }

    private static TransportResponse answer(TransportRequest request, Status status, ServerResponseHeaders headers) {
        TransportResponse.Builder response = TransportResponse.builder().status(status).headers(headers);
        // a redirect and a 304 are no errors
        if (status.code() >= 400 && !request.method().equals(Method.HEAD.text())) {
            headers.set(Refusal.TEXT);
            response.entity((sentence(status) + "\n").getBytes(UTF_8));
        }
        return response.build();
    }

    private static String sentence(Status status) {
        return switch (status.code()) {
            case 400 -> "the request is not valid HTTP/1.1: its first line, its headers or its length are malformed";
            case 403 -> "this is not a file";
            case 404 -> "there is nothing here";
            case 413 -> "the request is too large";
            case 414 -> "the first line of the request is too long (sse-hub.limits.max-header-size)";
            case 431 -> "the headers of the request are too large in total (sse-hub.limits.max-header-size)";
            case 500 -> "the hub has failed; its log says why";
            case 501 -> "the hub does not support this transfer coding";
            default -> status.reasonPhrase();
        };
    }
}
