package dev.ssehub.server;

import module java.base;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.connection.UnreadBodyException;
import dev.ssehub.http.DirectErrors;
import dev.ssehub.limit.Connections;
import dev.ssehub.metrics.Meters;
import dev.ssehub.thread.UnderWay;
import dev.ssehub.tracing.TraceContext;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** The filters that every request passes. */
final class Filters {
    private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");

    private Filters() {}

    /**
     * Binds the trace that the client has sent, so that the lines of the log show it. Several headers, or one that is invalid, count as
     * none.
     */
    static void trace(FilterChain chain, RoutingRequest request) {
        List<String> sent = request.headers().values(TRACEPARENT);
        Optional<TraceContext> trace = sent.size() == 1 ? TraceContext.parse(sent.getFirst()) : Optional.empty();
        if (trace.isPresent()) {
            ScopedValue.where(TraceContext.CURRENT, trace.get()).run(chain::proceed);
        } else {
            chain.proceed();
        }
    }

    /**
     * Lets a hub that stops wait for the answer. A stream does not keep it waiting, because the request ends when the stream begins.
     */
    static void await(FilterChain chain, UnderWay underWay) {
        underWay.begin();
        try {
            chain.proceed();
        } finally {
            underWay.end();
        }
    }

    /** Counts the answer by its status. {@link DirectErrors} counts the answers to requests that reach no filter. */
    static void count(Meters meters, FilterChain chain, RoutingResponse response) {
        try {
            chain.proceed();
        } finally {
            if (response.isSent()) {
                meters.answered(response.status().code());
            }
        }
    }

    /**
     * Closes the connection after the answer if the client or the answer ask for it (RFC 9112, section 9.6), if connections are
     * scarce, if the hub stops, or if the body was not read although the client may send it (RFC 9110, section 10.1.1). Otherwise
     * Helidon reads what is left of the body.
     *
     * @param health whether the hub stops
     * @param keepAlive tells the client how long the connection stays open if it does not close
     */
    static void closeConnection(FilterChain chain, RoutingRequest request, RoutingResponse response, Health health,
            Header keepAlive) {
        Connections.Place place = HubConnection.place();
        if (place.isScarce() || health.isStopping() || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        response.beforeSend(() -> {
            if (mayFollowUnread(request)) { // Helidon 4.5.0 takes the body of such a request for the next request
                response.headers().set(HeaderValues.CONNECTION_CLOSE);
            }
            if (!response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
                response.headers().set(keepAlive);
            }
        });
        chain.proceed();
        place.closeStream(); // a stream would have left with an exception
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
        } catch (UncheckedIOException | DataReader.InsufficientDataAvailableException e) {
            throw new CloseConnectionException("the client disconnected before the end of its request", e);
        }
    }
}
