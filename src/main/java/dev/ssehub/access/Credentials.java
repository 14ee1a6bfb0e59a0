package dev.ssehub.access;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.http.BearerToken;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** Finds the tokens in a request. Any thread may call. */
record Credentials(Authorizer authorizer, EndpointSettings settings) {
    /** The origin of a URL. An @ or a backslash would make it unclear where the host begins. */
    private static final Pattern ORIGIN_OF_URL = Pattern.compile("([a-z][a-z0-9+.-]*://[^/?#@\\\\]+)(?:[/?#].*)?");
    /** The most cookies that are checked, because each check takes time. */
    private static final int MAX_COOKIES = 4;

    /**
     * Returns the tokens in the first of these places that has one: the header, the query, the cookies (Mercure, "Authorization"). Only
     * cookies can hold several.
     *
     * @param changes whether the request changes something; if so, cookies of a foreign page are refused
     */
    List<String> sent(ServerRequest request, boolean changes) throws Refusal {
        Optional<String> inHeader = BearerToken.of(request);
        if (inHeader.isPresent()) {
            return List.of(inHeader.get());
        }
        Optional<String> inQuery = inQuery(request);
        if (inQuery.isPresent() && settings.tokenInQuery()) {
            return List.of(inQuery.get());
        }
        List<String> inCookies = inCookies(request);
        if (!inCookies.isEmpty() && changes) {
            requireOrigin(request);
        }
        if (inCookies.isEmpty() && inQuery.isPresent()) {
            throw Refusal.invalidToken("this hub does not accept a token in the query, because logs record queries "
                    + "(sse-hub.auth.token-in-query is false); send it as Authorization: Bearer");
        }
        return inCookies;
    }

    /** The query is for clients that can set neither a header nor a cookie, or need another token than the cookie's. */
    private static Optional<String> inQuery(ServerRequest request) throws Refusal {
        String query = request.query().rawValue();
        try {
            return query.isEmpty() ? Optional.empty() : Optional.ofNullable(Form.parse(query).single("authorization"));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
    }

    /**
     * A browser sends the cookies of all paths and domains under one name, the most specific first (RFC 6265, 5.4). If the hub takes
     * no tokens, another program on the same host may have set the cookies, and they are ignored.
     */
    private List<String> inCookies(ServerRequest request) {
        return authorizer.takesTokens()
                ? request.headers().cookies().all(Mercure.COOKIE, List::of).stream().filter(text -> !text.isEmpty()).distinct()
                        .limit(MAX_COOKIES).toList()
                : List.of();
    }

    /** A browser sends the cookie with the requests of every page, but also sends the page's origin or URL (Mercure, "Cookie"). */
    private void requireOrigin(ServerRequest request) throws Refusal {
        String origin = request.headers().first(HeaderNames.ORIGIN).or(() -> originOfReferer(request)).orElse("");
        if (!settings.allowedOrigins().contains(origin) && !CrossOrigin.isOwn(origin, request)) {
            throw new Refusal(Status.FORBIDDEN_403, origin.isEmpty()
                    ? "a request with a token in a cookie needs the header Origin or Referer, which names the "
                            + "origin of the page"
                    : "pages of the origin " + Refusal.printable(origin) + " may not use a token in a cookie, only pages of the "
                            + "hub's own origin, which is "
                            + Refusal.printable(request.headers().first(HeaderNames.HOST).orElse("unknown"))
                            + " by the header Host, and of those in sse-hub.cors.allowed-origins may");
        }
    }

    private static Optional<String> originOfReferer(ServerRequest request) {
        return request.headers().first(HeaderNames.REFERER).map(ORIGIN_OF_URL::matcher).filter(Matcher::matches)
                .map(url -> url.group(1));
    }
}
