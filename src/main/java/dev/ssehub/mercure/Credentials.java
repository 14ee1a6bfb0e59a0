package dev.ssehub.mercure;

import java.util.Optional;

import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;

/**
 * The token that a request brings (Mercure, "Authorization").
 *
 * @param token its text, not checked
 * @param source where it was
 */
record Credentials(String token, Source source) {

    /** In this order they are looked at; the first that has a token decides. */
    public enum Source {
        /** {@code Authorization: Bearer} (RFC 6750). */
        HEADER,
        /** Browsers send it by themselves, whatever page makes them. */
        COOKIE,
        /** For clients that can do nothing else. */
        QUERY
    }

    private static final String SCHEME = "Bearer ";
    private static final String COOKIE = "mercureAuthorization";
    private static final String PARAMETER = "authorization";

    /** Not the text of the token. */
    @Override
    public String toString() {
        return "Credentials[" + source + "]";
    }

    /**
     * What the request brings. A header of another scheme is a proxy's business, and not looked at.
     *
     * @throws Refusal if there is a token in the query, but it may not be there
     * @throws IllegalArgumentException if the query cannot be read
     */
    static Optional<Credentials> of(ServerRequest request, boolean allowedInQuery) throws Refusal {
        Optional<Credentials> sent = request.headers().first(HeaderNames.AUTHORIZATION).map(String::strip)
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> new Credentials(value.substring(SCHEME.length()).strip(), Source.HEADER))
                .or(() -> request.headers().cookies().first(COOKIE).map(value -> new Credentials(value, Source.COOKIE)));
        if (sent.isPresent()) {
            return sent;
        }
        String inQuery = Form.parse(request.query().rawValue()).single(PARAMETER);
        if (inQuery == null) {
            return Optional.empty();
        }
        if (!allowedInQuery) {
            throw Refusal.invalidToken("this hub takes no token in the query, where logs would keep it "
                    + "(sse-hub.auth.token-in-query is false); send it as Authorization: Bearer");
        }
        return Optional.of(new Credentials(inQuery, Source.QUERY));
    }
}
