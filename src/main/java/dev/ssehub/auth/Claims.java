package dev.ssehub.auth;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.JWTClaimsSetVerifier;
import dev.ssehub.keys.VerifyingKey;
import dev.ssehub.topic.TopicSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks the claims of a token (RFC 7519, 4.1) and reads what they grant (Mercure, "Authorization"). All messages are sentences for
 * the client.
 *
 * @param issuer the required {@code iss}, if it is checked
 * @param audience the required {@code aud}, or one of several, if it is checked
 * @param clockSkew how far the clock of the issuer may be off
 * @param clock the clock of the hub
 */
record Claims(Optional<String> issuer, Optional<String> audience, Duration clockSkew, InstantSource clock)
        implements
            JWTClaimsSetVerifier<VerifyingKey> {

    /** The year 2200. A later time in a token counts as this, so that time spans fit into nanoseconds. */
    private static final long LATEST = 7_258_118_400L;
    /** The end of the year 9999. A later time is hardly in seconds, but in milliseconds. */
    private static final long BEYOND = 253_402_300_800L;

    @Override
    public void verify(JWTClaimsSet set, VerifyingKey key) throws BadJWTException {
        Map<String, Object> claims = set.getClaims();
        Instant now = clock.instant();
        Optional<Instant> expires = expires(claims);
        if (expires.isPresent() && !now.isBefore(expires.get())) {
            throw new BadJWTException("the token has expired");
        }
        Optional<Instant> notBefore = time(claims, "nbf").map(time -> time.minus(clockSkew));
        if (notBefore.isPresent() && now.isBefore(notBefore.get())) {
            throw new BadJWTException("the token is not valid yet");
        }
        if (issuer.isPresent() && !issuer.get().equals(claims.get("iss"))) {
            throw new BadJWTException("the token is not from the issuer (iss) that this hub trusts");
        }
        if (audience.isPresent() && !isFor(audience.get(), claims.get("aud"))) {
            throw new BadJWTException("the token is not meant for this hub (aud)");
        }
    }

    /**
     * Returns what a verified token says.
     *
     * @param key the key that verified the token
     * @throws BadJWTException if the claims {@code mercure} or {@code sub} are not understood
     */
    Token read(JWTClaimsSet set, String fingerprint, VerifyingKey key) throws BadJWTException {
        Map<String, Object> claims = set.getClaims();
        return new Token(grant(claims.get("mercure")), expires(claims), text(claims, "sub"), fingerprint, key.thumbprint());
    }

    private Optional<Instant> expires(Map<String, Object> claims) throws BadJWTException {
        return time(claims, "exp").map(time -> time.plus(clockSkew));
    }

    private static boolean isFor(String audience, @Nullable Object claim) {
        return claim instanceof List<?> all ? all.contains(audience) : audience.equals(claim);
    }

    private static Grant grant(@Nullable Object claim) throws BadJWTException {
        return switch (claim) {
            case null -> Grant.NONE;
            case Map<?, ?> mercure -> {
                List<TopicSelector> subscribe = selectors("mercure.subscribe", mercure.get("subscribe"));
                yield new Grant(selectors("mercure.publish", mercure.get("publish")), subscribe, subscribe);
            }
            default -> throw new BadJWTException("the claim mercure of the token is not an object");
        };
    }

    private static List<TopicSelector> selectors(String name, @Nullable Object claim) throws BadJWTException {
        if (claim == null) {
            return List.of();
        }
        if (!(claim instanceof List<?> items)) {
            throw new BadJWTException("the claim " + name + " of the token is not a list");
        }
        List<TopicSelector> selectors = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof String text)) {
                throw new BadJWTException("the claim " + name + " of the token contains something that is not a text");
            }
            try {
                selectors.add(TopicSelector.parse(text));
            } catch (IllegalArgumentException e) {
                throw new BadJWTException(
                        "the claim " + name + " of the token contains a selector that is not allowed: " + e.getMessage(), e);
            }
        }
        return selectors;
    }

    private static Optional<String> text(Map<String, Object> claims, String name) throws BadJWTException {
        return switch (claims.get(name)) {
            case null -> Optional.empty();
            case String text -> Optional.of(text);
            default -> throw new BadJWTException("the claim " + name + " of the token is not a text");
        };
    }

    private static Optional<Instant> time(Map<String, Object> claims, String name) throws BadJWTException {
        if (!claims.containsKey(name)) {
            return Optional.empty();
        }
        return switch (claims.get(name)) {
            case Number seconds when seconds.doubleValue() >= BEYOND -> throw new BadJWTException("the claim " + name
                    + " of the token is a time after the year 9999; it must be in seconds since 1970, not in milliseconds");
            case Number seconds when Double.isFinite(seconds.doubleValue()) -> Optional.of(Instant
                    .ofEpochMilli(Math.round(Math.clamp(seconds.doubleValue(), -LATEST, LATEST) * 1000)));
            case null, default -> throw new BadJWTException("the claim " + name + " of the token is not a number of seconds");
        };
    }
}
