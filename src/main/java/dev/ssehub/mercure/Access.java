package dev.ssehub.mercure;

import module java.base;
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
    private static final String SCHEME = "Bearer ";

    private final Authorizer authorizer;
    private final EndpointSettings settings;
    private final LogThrottle refusals;

    /** The client of a request. The grant is what everyone may do, together with what its valid token allows. */
    record Client(Grant grant, Optional<Token> token) {
        /** Returns what the core enforces for a stream of this client. */
        Permission permission() {
            return new Permission(grant.seePrivate(), token.flatMap(Token::expires).orElse(null));
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
                    ? new Refusal(Status.FORBIDDEN_403, "the token does not grant the right to " + action)
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

    /** Looks for the token in the header, the cookie and the query, in this order (Mercure, "Authorization"). */
    private Client client(ServerRequest request, boolean changes, Check check) throws Refusal {
        Optional<String> sent = inHeader(request);
        if (sent.isEmpty()) {
            sent = request.headers().cookies().first(Mercure.COOKIE).asOptional();
            if (sent.isEmpty()) {
                sent = inQuery(request);
            } else if (!authorizer.takesTokens()) {
                sent = Optional.empty(); // another program on the same host may have set the cookie
            } else if (changes) {
                requireOrigin(request);
            }
        }
        if (sent.isEmpty()) {
            return new Client(authorizer.anonymous(), Optional.empty());
        }
        try {
            Token token = check.check(sent.get());
            return new Client(authorizer.anonymous().union(token.grant()), Optional.of(token));
        } catch (InvalidTokenException e) {
            logRefused(String.valueOf(e.getMessage()));
            throw Refusal.invalidToken(String.valueOf(e.getMessage()));
        } catch (KeysUnavailableException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()));
        }
    }

    /** Ignores an {@code Authorization} header with another scheme than {@code Bearer} (RFC 6750), which is for a proxy. */
    private static Optional<String> inHeader(ServerRequest request) {
        return request.headers().first(HeaderNames.AUTHORIZATION).map(String::strip)
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip());
    }

    /** The query is for clients that can set neither a header nor a cookie. */
    private Optional<String> inQuery(ServerRequest request) throws Refusal {
        Optional<String> token;
        try {
            token = Optional.ofNullable(Form.parse(request.query().rawValue()).single("authorization"));
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest(e);
        }
        if (token.isPresent() && !settings.tokenInQuery()) {
            throw Refusal.invalidToken("this hub does not accept a token in the query, because logs record queries "
                    + "(sse-hub.auth.token-in-query is false); send it as Authorization: Bearer");
        }
        return token;
    }

    /** A browser sends the cookie with the requests of every page, but also sends the page's origin (Mercure, "Cookie"). */
    private void requireOrigin(ServerRequest request) throws Refusal {
        String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
        if (!settings.allowedOrigins().contains(origin) && !CrossOrigin.isOwn(origin, request)) {
            throw new Refusal(Status.FORBIDDEN_403, origin.isEmpty()
                    ? "a request with a token in a cookie needs the header Origin, which names the origin of the page"
                    : "pages of the origin " + Refusal.printable(origin) + " may not use a token in a cookie, only pages of the "
                            + "hub's own origin and of those in sse-hub.cors.allowed-origins may");
        }
    }

    /** Tells the operator why tokens are refused: with a wrong key, the hub refuses all of them. */
    void logRefused(String reason) {
        if (refusals.isDue()) {
            LOG.log(Level.WARNING, "a token was refused: " + Refusal.printable(reason)
                    + "; for the next minute, refused tokens are only counted (sse_hub_requests_refused_total, status 401)");
        }
    }
}
