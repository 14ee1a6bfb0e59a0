package dev.ssehub.access;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.auth.Token;
import dev.ssehub.connection.HubConnection;
import dev.ssehub.http.AccessLog;
import dev.ssehub.http.Refusal;
import dev.ssehub.metrics.LogThrottle;
import dev.ssehub.subscriber.Permission;
import dev.ssehub.topic.TopicSelector;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Finds out what the client of a request may do. Any thread may call. A call may block while keys are fetched. */
public final class Access {
    private static final System.Logger LOG = System.getLogger(Access.class.getName());
    /** The most bytes of a payload. The hub publishes it for each topic of a subscriber, and the history holds these events. */
    private static final int MAX_PAYLOAD = 1024;
    private static final int REFUSALS_PER_MINUTE = 10;

    private final Authorizer authorizer;
    private final Credentials credentials;
    private final LogThrottle refusals;

    /** The client of a request. The grant is what everyone may do, together with what its valid token allows. */
    public record Client(Grant grant, Optional<Token> token) {
        /** Returns what the core enforces for a stream of this client. */
        public Permission permission() {
            return new Permission(grant.seePrivate(), token.flatMap(Token::expires).orElse(null),
                    token.map(it -> new Permission.Key(it.keyId().orElse(null), it.keyThumbprint())).orElse(null));
        }

        /** Returns the subject of the token, or {@code null}. */
        @Nullable
        public String subject() {
            return token.flatMap(Token::subject).orElse(null);
        }

        /** Returns the payload of the token, as JSON, for the active subscriptions. Refuses one that is too large. */
        public Optional<String> payload() throws Refusal {
            Optional<String> payload = token.flatMap(Token::payload);
            int bytes = payload.map(json -> json.getBytes(UTF_8).length).orElse(0);
            if (bytes > MAX_PAYLOAD) {
                throw new Refusal(Status.BAD_REQUEST_400, "the claim mercure.payload of the token may have up to " + MAX_PAYLOAD
                        + " bytes, this one has " + bytes + ": each active subscription repeats it");
            }
            return payload;
        }

        /** Refuses a client that may not publish to any topic at all. */
        public void requirePublish() throws Refusal {
            if (grant.publish().isEmpty()) {
                throw mayNot("publish anything", "sse-hub.publish.anonymous-topics");
            }
        }

        /** Refuses a client that may not publish to all of these topics. */
        public void requirePublish(List<String> topics) throws Refusal {
            for (String topic : topics) {
                if (!grant.mayPublish(topic)) {
                    List<String> denied = topics.stream().filter(it -> !grant.mayPublish(it)).toList();
                    throw mayNot("publish to " + String.join(", ", denied), "sse-hub.publish.anonymous-topics");
                }
            }
        }

        /** Refuses a client that may not subscribe to all of these selectors. */
        public void requireSubscribe(List<TopicSelector> selectors) throws Refusal {
            for (TopicSelector selector : selectors) {
                if (!grant.maySubscribe(selector)) {
                    throw mayNot("subscribe to " + selector.text(), "sse-hub.subscribe.anonymous");
                }
            }
        }

        /** Refuses a client that may not see the private updates of the topic. */
        public void requireSee(String topic) throws Refusal {
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

    private record Refused(String reason, InetAddress address) {}

    private interface Check {
        Token check(String text) throws InvalidTokenException, KeysUnavailableException;
    }

    /** @param nanoTime the clock that limits how often refused tokens are logged */
    public Access(Authorizer authorizer, EndpointSettings settings, LongSupplier nanoTime) {
        this.authorizer = authorizer;
        this.credentials = new Credentials(authorizer, settings);
        this.refusals = new LogThrottle(REFUSALS_PER_MINUTE, nanoTime);
    }

    /** Returns the client of a request to publish. Refuses an invalid token, and a cookie with a token from a foreign page. */
    public Client publisher(ServerRequest request) throws Refusal {
        return client(request, true, authorizer::publisher);
    }

    /**
     * Returns the client of a request to subscribe. Refuses an invalid token.
     *
     * @param changes whether the request changes something; if so, a cookie with a token from a foreign page is refused
     */
    public Client subscriber(ServerRequest request, boolean changes) throws Refusal {
        return client(request, changes, authorizer::subscriber);
    }

    private Client client(ServerRequest request, boolean changes, Check check) throws Refusal {
        List<String> sent = credentials.sent(request, changes);
        if (sent.isEmpty()) {
            return new Client(authorizer.anonymous(), Optional.empty());
        }
        Token token = firstValid(request, sent, check);
        AccessLog.subject(token.subject());
        return new Client(authorizer.anonymous().union(token.grant()), Optional.of(token));
    }

    /**
     * Returns the first valid token. If none is valid, refuses the request: with a 503 if the keys for one token cannot be fetched,
     * otherwise for the reason of the first token.
     */
    private Token firstValid(ServerRequest request, List<String> sent, Check check) throws Refusal {
        Deque<Refusal> reasons = new ArrayDeque<>();
        for (String text : sent) {
            try {
                return check.check(text);
            } catch (InvalidTokenException e) {
                reasons.addLast(Refusal.invalidToken(String.valueOf(e.getMessage())));
            } catch (KeysUnavailableException e) {
                reasons.addFirst(new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage())));
            }
        }
        Refusal first = reasons.getFirst();
        if (!first.isForNow()) {
            logRefused(String.valueOf(first.getMessage()),
                    HubConnection.client(request.headers()).address());
        }
        throw first;
    }

    /** Tells the operator why tokens are refused: with a wrong key, the hub refuses all of them. */
    void logRefused(String reason, InetAddress address) {
        refusals.admit().ifPresent(leftOut -> LOG.log(Level.WARNING, "a token was refused" + LogThrottle.more(leftOut),
                new Refused(Refusal.printable(reason), address)));
    }
}
