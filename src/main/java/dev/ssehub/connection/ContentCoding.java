package dev.ssehub.connection;

import module java.base;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.WritableHeaders;

/** The content coding of a request's body (RFC 9110, section 8.4). */
public final class ContentCoding {
    public static final String NONE = "identity";

    /** Helidon 4.5.0 refuses requests with the header Content-Encoding, so its value moves to this one, in place of the client's. */
    private static final HeaderName KEPT = HeaderNames.create("Sse-Hub-Content-Encoding");

    private ContentCoding() {}

    /** Hides the coding from Helidon. */
    static void hide(WritableHeaders<?> headers) {
        headers.remove(KEPT);
        headers.first(HeaderNames.CONTENT_ENCODING).ifPresent(coding -> headers.set(KEPT, coding));
        headers.remove(HeaderNames.CONTENT_ENCODING);
    }

    /** Returns the coding in lower case, or {@link #NONE}. */
    public static String of(Headers headers) {
        return headers.first(KEPT).map(coding -> coding.strip().toLowerCase(Locale.ROOT)).filter(coding -> !coding.isEmpty())
                .orElse(NONE);
    }
}
