package dev.ssehub.mercure;

import module java.base;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

/**
 * Recognizes the requests of a browser's own {@code EventSource}, which understands blocks without data.
 *
 * <p>
 * WHATWG HTML 9.2.3 and Fetch set these headers, and Chromium, Firefox and WebKit send exactly them. A {@code fetch()} looks the same
 * only if its cache mode is {@code no-store} or {@code reload}. Browsers send {@code Sec-Fetch-Mode} to https and localhost only.
 */
final class NativeEventSource {
    private static final Map<HeaderName, String> HEADERS = Map.of(HeaderNames.ACCEPT, "text/event-stream",
            HeaderNames.CACHE_CONTROL, "no-cache", HeaderNames.create("Pragma"), "no-cache",
            HeaderNames.create("Sec-Fetch-Mode"), "cors", HeaderNames.create("Sec-Fetch-Dest"), "empty");

    private NativeEventSource() {}

    /** Returns whether the request looks like the request of an {@code EventSource}. */
    static boolean sent(ServerRequestHeaders headers) {
        return HEADERS.entrySet().stream().allMatch(header -> headers.first(header.getKey()).filter(header.getValue()::equals)
                .isPresent());
    }
}
