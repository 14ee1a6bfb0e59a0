package dev.ssehub.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.ssehub.keys.KeyReader;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;
import dev.ssehub.topic.TopicSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Issues tokens that the hub itself accepts, for development. It needs a secret, because whoever has a secret can both check and sign;
 * of a set in a file it uses the last secret.
 */
public final class TokenIssuer {

    private final TokenSettings settings;
    private final InstantSource clock;

    /**
     * Creates an issuer.
     *
     * @param settings the settings of the hub that is to accept the tokens
     * @param clock says from when the tokens are valid
     */
    public TokenIssuer(TokenSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Returns a new token.
     *
     * @param publish the topics that it allows to publish to
     * @param subscribe the topics that it allows to subscribe to
     * @param validity how long it is valid
     * @param subject the client that it is issued for, if it names one
     * @throws IllegalArgumentException if there is no secret, or two different secrets would be needed; the message is one sentence
     *             without a secret
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
        try (KeySource source = KeyReader.open(section, key)) {
            VerifyingKey secret = source.secret().orElseThrow(() -> new IllegalArgumentException(key.name(section)
                    + ": tokens are checked with public keys only, so only the owner of the private key can sign them; for a token "
                    + "of the hub, configure a secret (" + (publisher ? "SSE_HUB_AUTH_KEY" : "SSE_HUB_AUTH_SUBSCRIBER_KEY")
                    + ", or one in a file of keys), such as: openssl rand -base64 32"));
            return sign(claims(publish, subscribe, validity, subject), secret);
        }
    }

    private static String sign(JWTClaimsSet claims, VerifyingKey secret) {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(secret.algorithm()).keyID(secret.kid().orElse(null)).build(), claims);
        try {
            token.sign(secret.signer().orElseThrow());
        } catch (JOSEException e) {
            throw new IllegalStateException("the key was checked to suit", e);
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
