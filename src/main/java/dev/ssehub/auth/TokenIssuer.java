package dev.ssehub.auth;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

import dev.ssehub.auth.TokenSettings.KeySettings;
import dev.ssehub.topic.TopicSelector;

/**
 * Issues tokens that the hub itself accepts, for development: where the key is a secret, whoever can check can also sign. Of a
 * set in a file, it is the last secret.
 */
public final class TokenIssuer {

    private final TokenSettings settings;
    private final InstantSource clock;

    /**
     * @param settings those of the hub that is to accept them
     * @param clock from which they are valid
     */
    public TokenIssuer(TokenSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Issues one.
     *
     * @param publish what it grants to publish to
     * @param subscribe what it grants to subscribe to
     * @param validity for how long
     * @param subject whose it is
     * @throws IllegalArgumentException if there is no secret for it, or not the same for both; the message is one sentence
     *     without it
     */
    public String issue(List<TopicSelector> publish, List<TopicSelector> subscribe, Duration validity, Optional<String> subject) {
        boolean oneKey = settings.publisher().equals(settings.subscriber());
        if (!oneKey && !publish.isEmpty() && !subscribe.isEmpty()) {
            throw new IllegalArgumentException("publishers and subscribers have different keys (sse-hub.auth.subscriber), so one "
                    + "token cannot be for both; ask for two");
        }
        boolean publisher = oneKey || !publish.isEmpty();
        KeySettings key = publisher ? settings.publisher() : settings.subscriber();
        String section = publisher ? "sse-hub.auth" : "sse-hub.auth.subscriber";
        try (KeySource source = KeySource.of(section, key)) {
            KeySet.Usable secret = source.secret().orElseThrow(() -> new IllegalArgumentException(key.name(section)
                    + ": tokens are checked with public keys only, and only who has the private one can sign; for a token of the "
                    + "hub, configure a secret (" + (publisher ? "SSE_HUB_AUTH_KEY" : "SSE_HUB_AUTH_SUBSCRIBER_KEY")
                    + ", or one in a file of keys), such as: openssl rand -base64 32"));
            return sign(claims(publish, subscribe, validity, subject), secret);
        }
    }

    private static String sign(JWTClaimsSet claims, KeySet.Usable secret) {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(secret.key().algorithm()).keyID(secret.id().orElse(null)).build(), claims);
        try {
            token.sign(secret.key().signer().orElseThrow());
        } catch (JOSEException e) {
            throw new IllegalStateException(e); // the key suits, it was checked
        }
        return token.serialize();
    }

    private JWTClaimsSet claims(List<TopicSelector> publish, List<TopicSelector> subscribe, Duration validity,
            Optional<String> subject) {
        Instant now = clock.instant();
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder().issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(validity)))
                .claim("mercure", Map.of("publish", texts(publish), "subscribe", texts(subscribe)));
        settings.issuer().ifPresent(claims::issuer);
        settings.audience().ifPresent(claims::audience);
        subject.ifPresent(claims::subject);
        return claims.build();
    }

    private static List<String> texts(List<TopicSelector> selectors) {
        return selectors.stream().map(TopicSelector::text).toList();
    }
}
