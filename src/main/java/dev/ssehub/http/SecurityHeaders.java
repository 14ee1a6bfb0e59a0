package dev.ssehub.http;

import module java.base;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;

/**
 * The headers of every answer: those that limit what a browser does with it, and the mark of the hub. By the mark, a client can tell
 * a refusal of the hub from a refusal of a proxy, such as a 404 while the hub restarts.
 */
public final class SecurityHeaders {
    static final HeaderName MARK = HeaderNames.create("Sse-Hub");

    private static final HeaderName CONTENT_POLICY = HeaderNames.create("Content-Security-Policy");
    private static final List<Header> ALL = List.of(HeaderValues.createCached(MARK, "1"),
            HeaderValues.createCached("X-Content-Type-Options", "nosniff"),
            HeaderValues.createCached("Referrer-Policy", "no-referrer"),
            HeaderValues.createCached(CONTENT_POLICY, "default-src 'none'; frame-ancestors 'none'"));
    /** The page loads everything from the hub, has no frames and is never in a frame. */
    private static final List<Header> PAGE = List.of(HeaderValues.createCached("X-Frame-Options", "DENY"),
            HeaderValues.createCached(CONTENT_POLICY, "default-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; frame-src 'none'; object-src 'none'"));

    private SecurityHeaders() {}

    /** Sets the headers of every answer. */
    public static void set(ServerResponseHeaders headers) {
        ALL.forEach(headers::set);
    }

    /** Sets the headers of the page and its files, in place of the stricter ones. */
    public static void setForPage(ServerResponseHeaders headers) {
        PAGE.forEach(headers::set);
    }
}
