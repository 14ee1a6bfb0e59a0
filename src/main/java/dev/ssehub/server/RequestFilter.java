package dev.ssehub.server;

import module java.base;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.connection.MalformedBodyException;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.http.AccessLog;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.http.SecurityHeaders;
import dev.ssehub.limit.Connections;
import dev.ssehub.tracing.TraceContext;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** What happens around the answer to every request. Any thread may call. */
final class RequestFilter implements Filter {
    // One filter does all steps, because Helidon calls each filter through several methods, and a publish takes only microseconds.

    private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");

    private final Served served;

    RequestFilter(Served served) {
        this.served = served;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<TraceContext> trace = trace(request);
        if (trace.isPresent()) {
            ScopedValue.where(TraceContext.CURRENT, trace.get())
                    .run(() -> AccessLog.log(request, response, () -> answer(chain, request, response)));
        } else {
            AccessLog.log(request, response, () -> answer(chain, request, response));
        }
    }

    /** Returns the trace that the client has sent, for the lines of the log. Several headers, or an invalid one, count as none. */
    private static Optional<TraceContext> trace(RoutingRequest request) {
        if (!request.headers().contains(TRACEPARENT)) {
            return Optional.empty();
        }
        List<String> sent = request.headers().values(TRACEPARENT);
        return sent.size() == 1 ? TraceContext.parse(sent.getFirst()) : Optional.empty();
    }

    /**
     * Answers a request. A hub that stops waits for the answer. A stream does not keep the hub waiting, because the request ends when
     * the stream begins. {@link DirectErrors} counts the answers to requests that do not come here.
     */
    private void answer(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        served.underWay().begin();
        try {
            Connections.Place place = HubConnection.place();
            SecurityHeaders.set(response.headers());
            announceConnection(request, response, place);
            served.pages().announce(request, response);
            if (served.hosts().admits(request, response) && served.pages().admits(request, response)) {
                chain.proceed();
            }
            place.closeStream(); // a stream would have left with an exception
            closeConnection(request, response);
        } finally {
            if (response.isSent()) {
                served.meters().answered(response.status().code());
            }
            served.underWay().end();
        }
    }

    /**
     * Announces that the connection closes after the answer if the client asks for it (RFC 9112, section 9.6), if connections are
     * scarce, if the hub stops, or if the body was not read although the client may send it (RFC 9110, section 10.1.1). Otherwise
     * announces how long it stays open.
     */
    private void announceConnection(RoutingRequest request, RoutingResponse response, Connections.Place place) {
        boolean clientCloses = request.headers().contains(HeaderNames.CONNECTION)
                && request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
        if (clientCloses || place.isScarce() || served.health().isStopping()) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        response.beforeSend(() -> {
            if (mayFollowUnread(request)) { // Helidon 4.5.0 takes the body of such a request for the next request
                response.headers().set(HeaderValues.CONNECTION_CLOSE);
            }
            if (!response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
                response.headers().set(served.keepAlive());
            }
        });
    }

    /** Closes the connection if the answer says so. Otherwise Helidon reads what is left of the body. */
    private static void closeConnection(RoutingRequest request, RoutingResponse response) {
        if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
            if (response.hasEntity()) {
                response.commit();
            }
            readToEnd(request);
            throw new CloseConnectionException("this was the last answer");
        }
    }

    /**
     * Returns whether the request has a body that the hub has not asked for with a 100 (Continue). The client may send it
     * nevertheless.
     */
    private static boolean mayFollowUnread(RoutingRequest request) {
        return request.content().hasEntity() && !request.continueSent();
    }

    /** Closing a connection with unread data resets it, and the client could lose the answer. */
    private static void readToEnd(RoutingRequest request) {
        if (mayFollowUnread(request)) {
            throw new UnreadBodyException("the client may send the body, although the hub has not asked for it");
        }
        try {
            request.content().consume();
        } catch (MalformedBodyException _) { // the request has been answered
            throw new UnreadBodyException("the body of a request is malformed");
        } catch (UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the client disconnected before the end of its request", e);
        }
    }
}
