package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.ssehub.keys.VerifyingKey;
import dev.ssehub.topic.TopicSelector;
import org.jspecify.annotations.Nullable;

/**
 * Checks the claims of a token (RFC 7519, 4.1) and reads what they grant (Mercure, "Authorization", and the hub's own claim).
 *
 * @param issuer the required {@code iss}, if it is checked
 * @param audience the value that {@code aud} must be or contain, if it is checked
 * @param clockSkew how far the clock of the issuer may be ahead of the hub's clock
 * @param clock the clock of the hub
 */
record Claims(Optional<String> issuer, Optional<String> audience, Duration clockSkew, InstantSource clock) {
    /** The claim of what the protocol does not know. */
    static final String HUB = "sse-hub";
    /** The member of {@link #HUB} that lets the holder of the token operate the hub. */
    static final String OPERATE = "operate";

    /** The year 2200. A later time in a token is replaced by this one, so that durations in nanoseconds fit into a long. */
    private static final long LATEST = 7_258_118_400L;
    /** The end of the year 9999. A later time is probably in milliseconds, not in seconds. */
    private static final long BEYOND = 253_402_300_800L;

    /**
     * Returns what a token says.
     *
     * @param key the key that verified the token
     * @throws InvalidTokenException if the token is not valid now, is not meant for this hub, or has a claim of the wrong type
     */
    Token read(SignedToken token, VerifyingKey key) throws InvalidTokenException {
        Map<String, Object> claims = token.claims();
        Instant now = clock.instant();
        Optional<Instant> expires = time(claims, "exp");
        if (expires.isPresent() && !now.isBefore(expires.get())) {
            throw new InvalidTokenException("the token has expired");
        }
        Optional<Instant> notBefore = time(claims, "nbf").map(time -> time.minus(clockSkew));
        if (notBefore.isPresent() && now.isBefore(notBefore.get())) {
            throw new InvalidTokenException("the token is not valid yet");
        }
        if (issuer.isPresent() && !issuer.get().equals(claims.get("iss"))) {
            throw new InvalidTokenException("the token is not from the issuer (iss) that this hub trusts");
        }
        if (audience.isPresent() && !isFor(audience.get(), claims.get("aud"))) {
            throw new InvalidTokenException("the token is not meant for this hub (aud)");
        }
        return new Token(grant(claims.get("mercure"), operates(claims.get(HUB))), expires, text(claims, "sub"),
                payload(claims.get("mercure")),
                token.fingerprint(), key.kid(), key.thumbprint());
    }

    private static boolean isFor(String audience, @Nullable Object claim) {
        return claim instanceof List<?> all ? all.contains(audience) : audience.equals(claim);
    }

    private static Grant grant(@Nullable Object claim, boolean operate) throws InvalidTokenException {
        return switch (claim) {
            case null -> new Grant(List.of(), List.of(), List.of(), operate);
            case Map<?, ?> mercure -> {
                List<TopicSelector> subscribe = selectors("mercure.subscribe", mercure.get("subscribe"));
                yield new Grant(selectors("mercure.publish", mercure.get("publish")), subscribe, subscribe, operate);
            }
            default -> throw new InvalidTokenException("the claim mercure of the token is not an object");
        };
    }

    /** Returns whether the claim {@code sse-hub.operate} is true. */
    private static boolean operates(@Nullable Object claim) throws InvalidTokenException {
        return switch (claim) {
            case null -> false;
            case Map<?, ?> hub -> switch (hub.get(OPERATE)) {
                case null -> false;
                case Boolean operates -> operates;
                default -> throw new InvalidTokenException("the claim sse-hub.operate of the token is not true or false");
            };
            default -> throw new InvalidTokenException("the claim sse-hub of the token is not an object");
        };
    }

    /** Nimbus writes only objects as JSON, so the value is cut out of <code>{"":...}</code>. */
    private static Optional<String> payload(@Nullable Object claim) {
        return Optional.ofNullable(claim instanceof Map<?, ?> mercure ? mercure.get("payload") : null)
                .map(value -> JSONObjectUtils.toJSONString(Map.of("", value)))
                .map(json -> json.substring("{\"\":".length(), json.length() - 1));
    }

    private static List<TopicSelector> selectors(String name, @Nullable Object claim) throws InvalidTokenException {
        if (claim == null) {
            return List.of();
        }
        if (!(claim instanceof List<?> items)) {
            throw new InvalidTokenException("the claim " + name + " of the token is not a list");
        }
        List<TopicSelector> selectors = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof String text)) {
                throw new InvalidTokenException("the claim " + name + " of the token contains something that is not a string");
            }
            try {
                selectors.add(TopicSelector.parse(text));
            } catch (IllegalArgumentException e) {
                throw new InvalidTokenException(
                        "the claim " + name + " of the token contains a selector that is not allowed: " + e.getMessage(), e);
            }
        }
        return selectors;
    }

    private static Optional<String> text(Map<String, Object> claims, String name) throws InvalidTokenException {
        return switch (claims.get(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw new InvalidTokenException("the claim " + name + " of the token is not a string");
        };
    }

    private static Optional<Instant> time(Map<String, Object> claims, String name) throws InvalidTokenException {
        if (!claims.containsKey(name)) {
            return Optional.empty();
        }
        return switch (claims.get(name)) {
            case Number seconds when seconds.doubleValue() >= BEYOND -> throw new InvalidTokenException("the claim " + name
                    + " of the token is a time after the year 9999; it must be in seconds since 1970, not in milliseconds");
            case Number seconds when Double.isFinite(seconds.doubleValue()) -> Optional.of(Instant.EPOCH.plusNanos(
                    BigDecimal.valueOf(Math.clamp(seconds.doubleValue(), -LATEST, LATEST)).movePointRight(9).longValue()));
            case null, default ->
                throw new InvalidTokenException("the claim " + name + " of the token is not a number of seconds");
        };
    }
}
