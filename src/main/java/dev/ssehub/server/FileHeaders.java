package dev.ssehub.server;

import module java.base;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;

/**
 * Checks the headers by which a client asks for a file only if it has changed. Helidon 4.5.0 fails if they are
 * malformed. An error handler could answer then, but if the client has left, Helidon logs that the handler has failed.
 */
final class FileHeaders {
    private static final Pattern LONE_QUOTE = Pattern.compile("\\s*(?:[Ww]/)?\"\\s*");

    private FileHeaders() {}

    /** Returns a sentence that says which header is malformed, or nothing. */
    static Optional<String> mistake(ServerRequestHeaders headers) {
        try {
            Optional<?> _ = headers.ifModifiedSince();
            Optional<?> _ = headers.ifUnmodifiedSince();
        } catch (DateTimeException e) {
            return Optional.of("a date in the headers is malformed: " + e.getMessage());
        }
        boolean understood = hasTags(headers, HeaderNames.IF_NONE_MATCH) && hasTags(headers, HeaderNames.IF_MATCH);
        return understood ? Optional.empty() : Optional.of("the header If-None-Match or If-Match is malformed");
    }

    private static boolean hasTags(ServerRequestHeaders headers, HeaderName name) {
        return headers.values(name).stream().noneMatch(value -> LONE_QUOTE.matcher(value).matches());
    }
}
