package dev.ssehub.mercure;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.auth.Token;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.Refusal;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.topic.TopicSelector;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** Finds out what whoever makes a request may do. May block, where keys must be fetched first. */
public final class Access {

    private final Authorizer authorizer;
    private final Set<String> allowedOrigins;
    private final boolean tokenInQuery;
    private final RefusedTokens refusedTokens = new RefusedTokens(System::nanoTime);

    /**
     * Whoever makes a request. It may do what everyone may, and what its token grants.
     *
     * @param everyone what everyone may do
     * @param token the valid token that it has brought, if it has
     */
    record Client(Grant everyone, Optional<Token> token) {

        boolean mayPublishAnything() {
            return may(grant -> !grant.publish().isEmpty());
        }

        boolean mayPublish(String topic) {
            return may(grant -> grant.mayPublish(topic));
        }

        boolean maySubscribe(TopicSelector selector) {
            return may(grant -> grant.maySubscribe(selector));
        }

        boolean maySee(String topic) {
            return may(grant -> grant.maySee(topic));
        }

        private boolean may(Predicate<Grant> what) {
            return what.test(everyone) || (token.isPresent() && what.test(token.get().grant()));
        }

        Permission permission() {
            Stream<TopicSelector> granted = token.stream().flatMap(it -> it.grant().seePrivate().stream());
            return new Permission(Stream.concat(everyone.seePrivate().stream(), granted).distinct().toList(),
                    token.flatMap(Token::expires).<Instant>map(at -> at).orElse(null));
        }

        /** What it is told that may not do this: a token would help, or another one. */
        Refusal mayNot(String what) {
            return token.isPresent()
                    ? new Refusal(Status.FORBIDDEN_403, "the token does not allow to " + what)
                    : Refusal.unauthorized("it takes a token to " + what);
        }
    }

    private interface Check {
        Token check(String text) throws InvalidTokenException, KeysUnavailableException;
    }

    public Access(Authorizer authorizer, EndpointSettings settings) {
        this.authorizer = authorizer;
        this.allowedOrigins = settings.allowedOrigins();
        this.tokenInQuery = settings.tokenInQuery();
    }

    /**
     * Who publishes.
     *
     * @throws Refusal if the token is not valid, or it comes as a cookie and from a page that may not send it
     */
    Client publisher(ServerRequest request) throws Refusal {
        return client(request, true, authorizer::publisher);
    }

    /**
     * Who subscribes.
     *
     * @param changes whether the request changes something, which pages elsewhere must not make browsers do
     * @throws Refusal if the token is not valid, or it comes as a cookie and from a page that may not send it
     */
    Client subscriber(ServerRequest request, boolean changes) throws Refusal {
        return client(request, changes, authorizer::subscriber);
    }

    private Client client(ServerRequest request, boolean changes, Check check) throws Refusal {
        Credentials credentials = credentials(request).orElse(null);
        if (credentials == null) {
            return new Client(authorizer.anonymous(), Optional.empty());
        }
        if (changes && credentials.source() == Credentials.Source.COOKIE) {
            requireOrigin(request);
        }
        try {
            return new Client(authorizer.anonymous(), Optional.of(check.check(credentials.token())));
        } catch (InvalidTokenException e) {
            refusedTokens.tell(String.valueOf(e.getMessage()));
            throw Refusal.invalidToken(String.valueOf(e.getMessage()));
        } catch (KeysUnavailableException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()));
        }
    }

    /** The cookie of a hub that takes none is some other program's, on another port of the same host. */
    private Optional<Credentials> credentials(ServerRequest request) throws Refusal {
        try {
            return Credentials.of(request, tokenInQuery)
                    .filter(found -> authorizer.takesTokens() || found.source() != Credentials.Source.COOKIE);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Status.BAD_REQUEST_400, e);
        }
    }

    /** Browsers send cookies with whatever any page makes them send, but they say which page it was (Mercure, "Cookie"). */
    private void requireOrigin(ServerRequest request) throws Refusal {
        String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
        if (!allowedOrigins.contains(origin) && !CrossOrigin.isOwn(origin, request)) {
            throw new Refusal(Status.FORBIDDEN_403, origin.isEmpty()
                    ? "with a token in a cookie, the header Origin must say which page asks"
                    : "pages of the origin " + CrossOrigin.shown(origin) + " may not use a token in a cookie, only the hub's own "
                            + "and those that sse-hub.cors.allowed-origins names");
        }
    }
}
