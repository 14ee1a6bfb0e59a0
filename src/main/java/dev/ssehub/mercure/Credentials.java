package dev.ssehub.mercure;

import module java.base;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;

/**
 * The token of a request (Mercure, "Authorization").
 *
 * @param token the text of the token, not verified yet
 * @param source the place in the request where the token was found
 */
record Credentials(String token, Source source) {

    /** Where a token can be, in the order of precedence. */
    enum Source {
        /** {@code Authorization: Bearer} (RFC 6750). */
        HEADER,
        /** The cookie, which a browser sends with every request, from any page. */
        COOKIE,
        /** The query, for clients that can set neither a header nor a cookie. */
        QUERY
    }

    private static final String SCHEME = "Bearer ";
    private static final String PARAMETER = "authorization";

    /** Leaves the token out, so that no log records it. */
    @Override
    public String toString() {
        return "Credentials[" + source + "]";
    }

    /**
     * Returns the token of a request. An {@code Authorization} header of another scheme is ignored: it belongs to a proxy.
     *
     * @throws Refusal if the query is malformed, or contains a token but must not
     */
    static Optional<Credentials> of(ServerRequest request, boolean allowedInQuery) throws Refusal {
        Optional<Credentials> sent = request.headers().first(HeaderNames.AUTHORIZATION).map(String::strip)
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> new Credentials(value.substring(SCHEME.length()).strip(), Source.HEADER))
                .or(() -> request.headers().cookies().first(Mercure.COOKIE).map(value -> new Credentials(value, Source.COOKIE)));
        if (sent.isPresent()) {
            return sent;
        }
        Optional<String> inQuery;
        try {
            inQuery = Optional.ofNullable(Form.parse(request.query().rawValue()).single(PARAMETER));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
        if (inQuery.isPresent() && !allowedInQuery) {
            throw Refusal.invalidToken("this hub does not accept a token in the query, because logs record queries "
                    + "(sse-hub.auth.token-in-query is false); send it as Authorization: Bearer");
        }
        return inQuery.map(value -> new Credentials(value, Source.QUERY));
    }
}
