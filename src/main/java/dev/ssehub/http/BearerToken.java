package dev.ssehub.http;

import module java.base;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** The token in the header {@code Authorization} of a request (RFC 6750, section 2.1). */
public final class BearerToken {
    private static final String SCHEME = "Bearer";
    /** A JWT without the scheme before it. */
    private static final Pattern LONE_TOKEN = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]*");

    private BearerToken() {}

    /** Returns the token, if there is one. Ignores a header with another scheme, which is for a proxy. */
    public static Optional<String> of(ServerRequest request) throws Refusal {
        if (!request.headers().contains(HeaderNames.AUTHORIZATION)) {
            return Optional.empty();
        }
        List<String> tokens = request.headers().all(HeaderNames.AUTHORIZATION, List::of).stream().map(String::strip)
                .filter(value -> (value + " ").regionMatches(true, 0, SCHEME + " ", 0, SCHEME.length() + 1))
                .map(value -> value.substring(SCHEME.length()).strip()).toList();
        if (tokens.size() > 1) {
            throw new Refusal(Status.BAD_REQUEST_400, "the request has several headers Authorization with a token, not one");
        }
        if (tokens.isEmpty()
                && request.headers().first(HeaderNames.AUTHORIZATION).filter(LONE_TOKEN.asMatchPredicate()).isPresent()) {
            throw Refusal.invalidToken("the header Authorization must begin with Bearer, and the token must follow");
        }
        if (tokens.contains("")) { // a page may send this by mistake, and would not notice that it has no token
            throw Refusal.invalidToken("the header Authorization has no token after Bearer");
        }
        return tokens.stream().findFirst();
    }
}
