package dev.ssehub.operate;

import module java.base;
import dev.ssehub.auth.Authorizer;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.KeysUnavailableException;
import dev.ssehub.auth.Token;
import dev.ssehub.http.BearerToken;
import dev.ssehub.http.CrossOrigin;
import dev.ssehub.http.Refusal;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/**
 * Decides who may operate the hub. Any thread may call.
 *
 * @param authorizer checks the token; its key for publishers counts
 * @param loopback whether programs on this machine may operate the hub without a token
 */
record Operators(Authorizer authorizer, boolean loopback) {
    private static final HeaderName SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");
    /** A proxy on this machine would make all its clients programs on this machine. */
    private static final Pattern FORWARDED = Pattern
            .compile("via|(.*[-_])?forwarded([-_].*)?|x-real-ip|.*client-?ip|.*-connecting-ip");
    /** Other names can be pointed to this machine by their owners, whose pages would then be the hub's own (DNS rebinding). */
    private static final Pattern LOCAL = Pattern.compile("(?i)((.*\\.)?localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]*)?");
    private static final String CLAIM = "the claim sse-hub.operate: true";

    /** Refuses a request that does not come from an operator. Returns who the operator is, for the log. */
    String require(ServerRequest request) throws Refusal {
        requireOwnPage(request);
        Optional<String> text = BearerToken.of(request);
        Optional<Token> token = text.isPresent() ? Optional.of(check(text.get())) : Optional.empty();
        if (token.isPresent() && token.get().grant().operate()) {
            return token.get().subject().map(subject -> "the operator " + Refusal.printable(subject)).orElse("an operator");
        }
        Optional<String> obstacle = obstacle(request);
        if (obstacle.isEmpty()) {
            return "an operator on this machine";
        }
        throw token.isPresent()
                ? Refusal.insufficientScope("the token does not have " + CLAIM + ", which it takes to operate this hub")
                : Refusal.unauthorized("it takes a token with " + CLAIM + " to operate this hub; " + obstacle.get());
    }

    /** A browser sends the requests of every page, from wherever the page is. */
    private static void requireOwnPage(ServerRequest request) throws Refusal {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        boolean isOwn = origin.map(it -> CrossOrigin.isOwn(it, request)).orElse(true);
        if (!isOwn || !OWN_SITES.contains(request.headers().first(SITE).orElse("none"))) {
            throw new Refusal(Status.FORBIDDEN_403, "only the hub's own page may operate the hub, not a page of "
                    + origin.map(Refusal::printable).orElse("another site"));
        }
    }

    private Token check(String text) throws Refusal {
        try {
            return authorizer.publisher(text);
        } catch (InvalidTokenException e) {
            throw Refusal.invalidToken(String.valueOf(e.getMessage()));
        } catch (KeysUnavailableException e) {
            throw new Refusal(Status.SERVICE_UNAVAILABLE_503, String.valueOf(e.getMessage()));
        }
    }

    /** Returns why a request does not count as one from this machine, or nothing if it does. */
    private Optional<String> obstacle(ServerRequest request) {
        if (!loopback) {
            return Optional.of("sse-hub.operate.loopback is false, so programs on this machine need one, too");
        }
        if (!(request.remotePeer().address() instanceof InetSocketAddress peer) || !peer.getAddress().isLoopbackAddress()) {
            return Optional.of("without one, only programs on this machine may (sse-hub.operate.loopback)");
        }
        Optional<String> passed = request.headers().stream().map(header -> header.headerName().lowerCase())
                .filter(FORWARDED.asMatchPredicate()).findFirst();
        if (passed.isPresent()) {
            return Optional.of("the request has passed a proxy, as its header " + passed.get()
                    + " says, so it does not count as one from this machine (sse-hub.operate.loopback)");
        }
        String host = request.headers().first(HeaderNames.HOST).orElse("");
        return LOCAL.matcher(host).matches()
                ? Optional.empty()
                : Optional.of("without one, this machine must be addressed as localhost, 127.0.0.1 or [::1], not as "
                        + Refusal.printable(host));
    }
}
