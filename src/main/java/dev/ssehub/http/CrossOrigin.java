package dev.ssehub.http;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Lets pages of other origins use the hub if their origin is on the list, and no others (Fetch, "CORS protocol"). */
public final class CrossOrigin {

    private static final String ALL = "*";
    /** The longest name of a host, and what is around it. */
    private static final int MAX_SHOWN = 253 + "https://:65535".length();
    private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Origin");
    private static final Header CREDENTIALS = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    private static final Header EXPOSED = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS,
            "Date, Last-Event-ID, Heartbeat-Interval, Link, Retry-After");
    private static final Header MAX_AGE = HeaderValues.createCached(HeaderNames.ACCESS_CONTROL_MAX_AGE, "3600");
    /** It cannot be set by a script. */
    private static final Header FROM_OWN_PAGE = HeaderValues.createCached("Sec-Fetch-Site", "same-origin");
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT");
    /** Cache-Control is what stand-ins of EventSource send. */
    private static final List<String> HEADERS = List.of("Accept", "Authorization", "Cache-Control", "Content-Type",
            "Last-Event-ID");

    private final Set<String> origins;
    private final List<String> roots;

    /**
     * @param origins as browsers send them, or {@code *} alone: then without cookies and tokens
     * @param roots the paths that this is about, with all that is below them
     */
    public CrossOrigin(Set<String> origins, String... roots) {
        this.origins = Set.copyOf(origins);
        this.roots = List.of(roots);
    }

    /** Sets the headers by which a browser decides whether the page gets the answer, whatever that will be. */
    public void announce(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        if (concerns(request)) {
            // also where no origin is: a cache must not give that answer to a page
            response.headers().add(VARY);
            request.headers().first(HeaderNames.ORIGIN).filter(this::isAllowed).ifPresent(origin -> allow(origin, response));
        }
        chain.proceed();
    }

    private void allow(String origin, ServerResponse response) {
        if (origins.contains(ALL)) {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, ALL);
        } else {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin).header(CREDENTIALS);
        }
        response.header(EXPOSED);
    }

    /** Refuses other origins, which could publish otherwise though they cannot read the answer, and answers preflights. */
    public void admit(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        if (origin.isEmpty() || !concerns(request)) {
            chain.proceed();
        } else if (!isAllowed(origin.get())) {
            if (isOwn(origin.get(), request)) {
                chain.proceed();
            } else {
                forbid(request, response, "pages of the origin " + shown(origin.get())
                        + " may not use this hub, only those of sse-hub.cors.allowed-origins");
            }
        } else if (isPreflight(request)) {
            preflight(request, response);
        } else {
            chain.proceed();
        }
    }

    /** For a hub that knows no other origins: answers those who ask before they send what they may not. */
    public void refusePreflight(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN).filter(it -> !isOwn(it, request));
        if (origin.isPresent() && concerns(request) && isPreflight(request)) {
            forbid(request, response, "pages of the origin " + shown(origin.get())
                    + " may not use this hub: sse-hub.cors.allowed-origins names none");
        } else {
            chain.proceed();
        }
    }

    private static boolean isPreflight(ServerRequest request) {
        return request.prologue().method().equals(Method.OPTIONS)
                && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private static void preflight(ServerRequest request, ServerResponse response) {
        String method = request.headers().get(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD).get();
        List<String> others = strangers(request);
        if (!METHODS.contains(method)) {
            forbid(request, response, "pages may use " + String.join(", ", METHODS) + ", not " + shown(method));
        } else if (!others.isEmpty()) {
            forbid(request, response,
                    "pages may send the headers " + String.join(", ", HEADERS) + ", not " + shown(String.join(", ", others)));
        } else {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, String.join(", ", METHODS))
                    .header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, String.join(", ", HEADERS)).header(MAX_AGE)
                    .status(Status.NO_CONTENT_204).send();
        }
    }

    /** The headers that a page would send, and may not. */
    private static List<String> strangers(ServerRequest request) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(request.headers().values(HeaderNames.ACCESS_CONTROL_REQUEST_HEADERS).stream().map(String::strip)
                .filter(name -> !name.isEmpty()).toList());
        HEADERS.forEach(names::remove);
        return List.copyOf(names);
    }

    /** For a sentence: what no browser sends is neither echoed nor endless. */
    public static String shown(String origin) {
        String text = origin.replaceAll("[^ -~]|[<>&\"']", "?");
        return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
    }

    private static void forbid(ServerRequest request, ServerResponse response, String sentence) {
        new Refusal(Status.FORBIDDEN_403, sentence).send(request, response);
    }

    private boolean concerns(ServerRequest request) {
        String path = request.prologue().uriPath().path();
        return roots.stream().anyMatch(root -> path.equals(root) || path.startsWith(root + "/"));
    }

    private boolean isAllowed(String origin) {
        return origins.contains(ALL) || origins.contains(origin);
    }

    /** The hub's own page, whatever the scheme: behind a proxy that speaks TLS for the hub, it is not the request's. */
    public static boolean isOwn(String origin, ServerRequest request) {
        String host = request.headers().first(HeaderNames.HOST).orElse("");
        boolean secure = origin.startsWith("https:");
        String port = secure ? ":443" : ":80";
        String bare = host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
        return request.headers().contains(FROM_OWN_PAGE)
                || origin.equalsIgnoreCase((secure ? "https://" : "http://") + bare);
    }
}
