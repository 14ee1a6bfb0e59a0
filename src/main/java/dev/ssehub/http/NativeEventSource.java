package dev.ssehub.http;

import module java.base;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

/**
 * Recognizes the requests of a browser's own {@code EventSource}, which understands blocks without data.
 *
 * <p>
 * WHATWG HTML 9.2.3 and Fetch set these headers, and Chromium, Firefox and WebKit send exactly these values. A {@code fetch()} looks
 * the same only if its cache mode is {@code no-store} or {@code reload}.
 */
public final class NativeEventSource {
    private static final HeaderName MODE = HeaderNames.create("Sec-Fetch-Mode");
    private static final Map<HeaderName, String> ALWAYS = Map.of(HeaderNames.ACCEPT, "text/event-stream",
            HeaderNames.CACHE_CONTROL, "no-cache", HeaderNames.create("Pragma"), "no-cache");
    /** Browsers send these to https and localhost only. Node's fetch sends only the first of them. */
    private static final Map<HeaderName, String> TO_TRUSTWORTHY = Map.of(MODE, "cors", HeaderNames.create("Sec-Fetch-Dest"),
            "empty");
    private static final String BROWSER = "Mozilla/";

    private NativeEventSource() {}

    /** Returns whether the request looks like the request of an {@code EventSource}. */
    public static boolean sent(ServerRequestHeaders headers) {
        boolean isFromBrowser = headers.contains(MODE)
                ? match(headers, TO_TRUSTWORTHY)
                : headers.first(HeaderNames.USER_AGENT).filter(agent -> agent.startsWith(BROWSER)).isPresent();
        return isFromBrowser && match(headers, ALWAYS);
    }

    private static boolean match(ServerRequestHeaders headers, Map<HeaderName, String> expected) {
        return expected.entrySet().stream()
                .allMatch(header -> headers.first(header.getKey()).filter(header.getValue()::equals).isPresent());
    }
}
