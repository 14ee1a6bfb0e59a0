package dev.ssehub.http;

import module java.base;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Lets the pages of listed origins use the hub and refuses the pages of all others (Fetch, "CORS protocol"). */
public final class CrossOrigin {
    private static final String ALL = "*";
    private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Origin");
    private static final Header CREDENTIALS = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    private static final Header EXPOSED = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS,
            "Date, Last-Event-ID, Heartbeat-Interval, Link, Retry-After, " + SecurityHeaders.MARK.defaultCase());
    private static final Header MAX_AGE = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_MAX_AGE, "3600");
    /** Only the browser itself can set this header. A script cannot. */
    private static final Header FROM_OWN_PAGE = HeaderValues.createCached("Sec-Fetch-Site", "same-origin");
    private static final String METHODS = "GET, HEAD, POST, PUT, DELETE";
    /** Includes headers that replacements of EventSource send, and headers that libraries for tracing add to every request. */
    private static final String HEADERS = "Accept, Authorization, Cache-Control, Content-Type, Last-Event-ID, Pragma, "
            + "X-Requested-With, baggage, sentry-trace, traceparent, tracestate";

    private volatile Set<String> origins;
    private final List<String> roots;

    /**
     * @param origins the origins as browsers send them; {@code *} alone for all origins, but without cookies; empty for none
     * @param roots the paths of the hub; each includes all paths below it
     */
    public CrossOrigin(Set<String> origins, String... roots) {
        this.origins = Set.copyOf(origins);
        this.roots = List.of(roots);
    }

    /** Replaces the origins. */
    public void apply(Set<String> another) {
        origins = Set.copyOf(another);
    }

    /** Sets the headers that let a page of a listed origin read the answer, errors included. Without a list, sets none. */
    public void announce(RoutingRequest request, RoutingResponse response) {
        announce(request.prologue().uriPath().path(), request.headers().first(HeaderNames.ORIGIN), response.headers());
    }

    /** Sets the headers of an answer. The path is empty if it is unknown. */
    void announce(String path, Optional<String> origin, ServerResponseHeaders headers) {
        if (!origins.isEmpty() && (path.isEmpty() || concerns(path))) {
            // also for a request without an Origin, because a cache must not give that answer to a page
            headers.add(VARY);
            origin.filter(this::isAllowed).ifPresent(allowed -> allow(allowed, headers));
        }
    }

    private void allow(String origin, ServerResponseHeaders headers) {
        if (origins.contains(ALL)) {
            headers.set(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, ALL);
        } else {
            headers.set(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin).set(CREDENTIALS);
        }
        headers.set(EXPOSED);
    }

    /**
     * Answers a preflight request, and refuses a request of another origin, because its page could publish even though the browser
     * hides the answer. Without a list, refuses only preflight requests. Returns true, and answers nothing, for all other requests.
     */
    public boolean admits(RoutingRequest request, RoutingResponse response) {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        if (origin.isEmpty()) {
            return true;
        }
        boolean preflight = request.prologue().method().equals(Method.OPTIONS)
                && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
        if (!concerns(request.prologue().uriPath().path()) || (origins.isEmpty() && !preflight)) {
            return true;
        }
        if (preflight && isAllowed(origin.get())) {
            answerPreflight(request, response);
        } else if (isAllowed(origin.get()) || isOwn(origin.get(), request)) {
            return true;
        } else {
            forbid(request, response, "pages of the origin " + Refusal.printable(origin.get()) + " may not use this hub: "
                    + "sse-hub.cors.allowed-origins " + (origins.isEmpty() ? "lists none" : "does not list it"));
        }
        return false;
    }

    private static void answerPreflight(ServerRequest request, ServerResponse response) {
        String method = request.headers().get(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD).get();
        Set<String> forbidden = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().values(HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS).stream().map(String::strip)
                .filter(name -> !name.isEmpty()).forEach(forbidden::add);
        List.of(HEADERS.split(", ")).forEach(forbidden::remove);
        if (!List.of(METHODS.split(", ")).contains(method)) {
            forbid(request, response, "pages may use " + METHODS + ", not " + Refusal.printable(method));
        } else if (!forbidden.isEmpty()) {
            forbid(request, response, "pages may send the headers " + HEADERS + ", not "
                    + Refusal.printable(String.join(", ", forbidden)));
        } else {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, METHODS)
                    .header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, HEADERS).header(MAX_AGE)
                    .status(Status.NO_CONTENT_204).send();
        }
    }

    private static void forbid(ServerRequest request, ServerResponse response, String sentence) {
        new Refusal(Status.FORBIDDEN_403, sentence).send(request, response);
    }

    private boolean concerns(String path) {
        return roots.stream().anyMatch(root -> path.equals(root) || path.startsWith(root + "/"));
    }

    private boolean isAllowed(String origin) {
        return origins.contains(ALL) || origins.contains(origin);
    }

    /** Returns whether this is the hub's own origin. The scheme can differ, because a proxy may speak TLS for the hub. */
    public static boolean isOwn(String origin, ServerRequest request) {
        String host = request.headers().first(HeaderNames.HOST).orElse("");
        boolean secure = origin.startsWith("https:");
        String bare = host.replaceFirst(secure ? ":443$" : ":80$", "");
        return request.headers().contains(FROM_OWN_PAGE) || origin.equalsIgnoreCase((secure ? "https://" : "http://") + bare);
    }
}
