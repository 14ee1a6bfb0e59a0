package dev.ssehub.mercure;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.auth.Token;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.Form;
import dev.ssehub.http.Refusal;
import dev.ssehub.limit.LogThrottle;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.lang.System.Logger.Level;

/** Finds out what the client of a request may do. Any thread may call. A call may block while keys are fetched. */
final class Access {
    private static final System.Logger LOG = System.getLogger(Access.class.getName());
    private static final String SCHEME = "Bearer";
    /** The origin of a URL. An @ or a backslash would make it unclear where the host begins. */
    private static final Pattern ORIGIN_OF_URL = Pattern.compile("([a-z][a-z0-9+.-]*://[^/?#@\\\\]+)(?:[/?#].*)?");
    /** Checking a signature takes time. */
    private static final int MAX_COOKIES = 4;
    /** The most bytes of a payload. A subscriber with 500 topics publishes it 500 times, and the history holds these events. */
    private static final int MAX_PAYLOAD = 1024;

    private final Authorizer authorizer;
    private final EndpointSettings settings;
    private final LogThrottle refusals;

    /** The client of a request. The grant is what everyone may do, together with what its valid token allows. */
    record Client(Grant grant, Optional<Token> token) {
        /** Returns what the core enforces for a stream of this client. */
        Permission permission() {
            return new Permission(grant.seePrivate(), token.flatMap(Token::expires).orElse(null));
        }

        /** Returns the payload of the token, as JSON, for the active subscriptions. Refuses one that is too large. */
        Optional<String> payload() throws Refusal {
            Optional<String> payload = token.flatMap(Token::payload);
            int bytes = payload.map(json -> json.getBytes(UTF_8).length).orElse(0);
            if (bytes > MAX_PAYLOAD) {
                throw new Refusal(Status.BAD_REQUEST_400, "the claim mercure.payload of the token may have up to " + MAX_PAYLOAD
                        + " bytes, this one has " + bytes + ": each active subscription repeats it");
            }
            return payload;
        }

        /** Refuses a client that may not publish to any topic at all. */
        void requirePublish() throws Refusal {
            if (grant.publish().isEmpty()) {
                throw mayNot("publish anything", "sse-hub.publish.anonymous-topics");
            }
        }

        void requirePublish(List<String> topics) throws Refusal {
            List<String> denied = topics.stream().filter(topic -> !grant.mayPublish(topic)).toList();
            if (!denied.isEmpty()) {
                throw mayNot("publish to " + String.join(", ", denied), "sse-hub.publish.anonymous-topics");
            }
        }

        void requireSubscribe(List<TopicSelector> selectors) throws Refusal {
            for (TopicSelector selector : selectors) {
                if (!grant.maySubscribe(selector)) {
                    throw mayNot("subscribe to " + selector.text(), "sse-hub.subscribe.anonymous");
                }
            }
        }

        /** Refuses a client that may not see the private updates of the topic. */
        void requireSee(String topic) throws Refusal {
            if (!grant.maySee(topic)) {
                throw mayNot("see " + topic, "sse-hub.subscriptions.anonymous");
            }
        }

        private Refusal mayNot(String action, String key) {
            return token.isPresent()
                    ? Refusal.insufficientScope("the token does not grant the right to " + action)
                    : Refusal.unauthorized("it takes a token to " + action + "; " + key + " sets what is open without a token");
        }
    }

    private interface Check {
        Token check(String text) throws InvalidTokenException, KeysUnavailableException;
    }

    Access(Authorizer authorizer, EndpointSettings settings, LongSupplier nanoTime) {
        this.authorizer = authorizer;
        this.settings = settings;
        this.refusals = new LogThrottle(nanoTime);
    }

    /** Returns the client of a request to publish. Refuses an invalid token, and a cookie with a token from a foreign page. */
    Client publisher(ServerRequest request) throws Refusal {
        return client(request, true, authorizer::publisher);
    }

    /**
     * Returns the client of a request to subscribe. Refuses an invalid token.
     *
     * @param changes whether the request changes something; if so, a cookie with a token from a foreign page is refused
     */
    Client subscriber(ServerRequest request, boolean changes) throws Refusal {
        return client(request, changes, authorizer::subscriber);
    }

    private Client client(ServerRequest request, boolean changes, Check check) throws Refusal {
        List<String> sent = sent(request, changes);
        if (sent.isEmpty()) {
            return new Client(authorizer.anonymous(), Optional.empty());
        }
        Token token = firstValid(sent, check);
        return new Client(authorizer.anonymous().union(token.grant()), Optional.of(token));
    }

    /** Returns the token in the header, the query, or the cookies, in this order (Mercure). Only cookies can hold several. */
    private List<String> sent(ServerRequest request, boolean changes) throws Refusal {
        Optional<String> inHeader = inHeader(request);
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

    /** Refuses the request for the reason of the first token if none is valid, or if the keys to check one are not available. */
    private Token firstValid(List<String> sent, Check check) throws Refusal {
        Deque<Refusal> refusals = new ArrayDeque<>();
        for (String text : sent) {
            try {
                return check.check(text);
            } catch (InvalidTokenException e) {
                refusals.addLast(Refusal.invalidToken(String.valueOf(e.getMessage())));
            } catch (KeysUnavailableException e) {
                refusals.addFirst(new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())));
            }
        }
        Refusal first = refusals.getFirst();
        if (!first.isForNow()) {
            logRefused(String.valueOf(first.getMessage()));
        }
        throw first;
    }

    /** Ignores an {@code Authorization} header with another scheme than {@code Bearer} (RFC 6750), which is for a proxy. */
    private static Optional<String> inHeader(ServerRequest request) throws Refusal {
        List<String> tokens = request.headers().all(HeaderNames.AUTHORIZATION, List::of).stream().map(String::strip)
                .filter(value -> (value + " ").regionMatches(true, 0, SCHEME + " ", 0, SCHEME.length() + 1))
                .map(value -> value.substring(SCHEME.length()).strip()).toList();
        if (tokens.size() > 1) {
            throw new Refusal(Status.BAD_REQUEST_400, "the request has several headers Authorization with a token, not one");
        }
        if (tokens.contains("")) { // a page may send this by mistake, and would not notice that it has no token
            throw Refusal.invalidToken("the header Authorization has no token after Bearer");
        }
        return tokens.stream().findFirst();
    }

    /** The query is for clients that can set neither a header nor a cookie, or need another token than the cookie's. */
    private static Optional<String> inQuery(ServerRequest request) throws Refusal {
        try {
            return Optional.ofNullable(Form.parse(request.query().rawValue()).single("authorization"));
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
                            + "hub's own origin and of those in sse-hub.cors.allowed-origins may");
        }
    }

    private static Optional<String> originOfReferer(ServerRequest request) {
        return request.headers().first(HeaderNames.REFERER).map(ORIGIN_OF_URL::matcher).filter(Matcher::matches)
                .map(url -> url.group(1));
    }

    /** Tells the operator why tokens are refused: with a wrong key, the hub refuses all of them. */
    void logRefused(String reason) {
        if (refusals.isDue()) {
            LOG.log(Level.WARNING, "a token was refused: " + Refusal.printable(reason)
                    + "; for the next minute, refused tokens are only counted (sse_hub_requests_refused_total, status 401)");
        }
    }
}
