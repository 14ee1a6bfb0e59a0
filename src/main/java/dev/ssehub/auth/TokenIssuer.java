package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;
import dev.ssehub.topic.TopicSelector;

/**
 * Issues tokens that the hub accepts, for development. Tokens are signed with the hub's secret, because public keys cannot sign.
 * If the keys are a set in a file, the last secret of the set is used.
 *
 * @param settings the settings of the hub
 */
public record TokenIssuer(TokenSettings settings, InstantSource clock) {
    /**
     * Returns a new token.
     *
     * @param grant what the token allows
     * @param subject the client that the token is issued for, if the token is to name one
     * @throws IllegalArgumentException if there is no secret, or the token would need two secrets; the message is one sentence without a
     *             secret
     */
    public String issue(Grant grant, Duration validity, Optional<String> subject) {
        boolean oneKey = settings.publisher().equals(settings.subscriber());
        boolean forPublisher = !grant.publish().isEmpty() || grant.operate();
        if (!oneKey && forPublisher && !grant.subscribe().isEmpty()) {
            throw new IllegalArgumentException("publishers and subscribers have different keys (sse-hub.auth.subscriber), and "
                    + "operators have the key of publishers, so one token cannot be for both; ask for two");
        }
        boolean publisher = oneKey || forPublisher;
        KeySettings key = publisher ? settings.publisher() : settings.subscriber();
        String section = publisher ? "sse-hub.auth" : "sse-hub.auth.subscriber";
        try (KeySource source = key.open(section)) {
            VerifyingKey secret = source.secret().orElseThrow(() -> new IllegalArgumentException(key.name(section)
                    + ": tokens are checked with public keys only, so only the owner of the private key can sign them; for a token "
                    + "of the hub, configure a secret (" + (publisher ? "SSE_HUB_AUTH_KEY" : "SSE_HUB_AUTH_SUBSCRIBER_KEY")
                    + ", or one in a file of keys), such as: openssl rand -base64 32"));
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(secret.algorithm()).keyID(secret.kid().orElse(null)).build(),
                    claims(grant, validity, subject));
            token.sign(new MACSigner((SecretKey) secret.key()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("the algorithm was checked to suit the key", e);
        }
    }

    private JWTClaimsSet claims(Grant grant, Duration validity, Optional<String> subject) {
        Instant now = clock.instant();
        Instant end = now.plus(validity).plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS); // the claim has whole seconds
        return new JWTClaimsSet.Builder().issuer(settings.issuer().orElse(null)).audience(settings.audience().orElse(null))
                .subject(subject.orElse(null)).issueTime(Date.from(now)).expirationTime(Date.from(end))
                .claim("mercure", Map.of("publish", texts(grant.publish()), "subscribe", texts(grant.subscribe())))
                .claim(Claims.HUB, grant.operate() ? Map.of(Claims.OPERATE, true) : null).build();
    }

    private static List<String> texts(List<TopicSelector> selectors) {
        return selectors.stream().map(TopicSelector::text).toList();
    }
}
