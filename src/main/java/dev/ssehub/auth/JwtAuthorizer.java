package dev.ssehub.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.ssehub.keys.KeyReader;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The authorizer of a hub with keys: a token (JWT, RFC 7519) that is signed with one of them grants what it says. */
public final class JwtAuthorizer implements Authorizer {

    /*
     * Nimbus's processor checks the signature and has the claims checked. It is given one key at a time, as the context of the
     * process: then it is known which key has verified the token, and each failure gets its own sentence.
     */

    private final DefaultJWTProcessor<VerifyingKey> processor = new DefaultJWTProcessor<>();
    private final KeySource publisher;
    private final KeySource subscriber;
    private final Claims claims;
    private final Grant anonymous;

    /**
     * Checks tokens with these keys, which it closes.
     *
     * @param publisher the keys for the tokens of publishers
     * @param subscriber the keys for the tokens of subscribers
     */
    JwtAuthorizer(KeySource publisher, KeySource subscriber, Claims claims, Grant anonymous) {
        this.publisher = publisher;
        this.subscriber = subscriber;
        this.claims = claims;
        this.anonymous = anonymous;
        processor.setJWSTypeVerifier((_, _) -> {}); // tokens of many issuers have a type (typ) of their own
        processor.setJWSKeySelector((_, key) -> List.of(key.key()));
        processor.setJWTClaimsSetVerifier(claims);
    }

    /**
     * Reads the keys. Keys at a URL are fetched when the first token comes.
     *
     * @param anonymous what all clients may do
     * @param clock decides when tokens become valid and expire
     * @throws IllegalArgumentException if a key cannot be used; the message is one sentence that names the configuration key and
     *             never shows the key
     */
    public static JwtAuthorizer create(TokenSettings settings, Grant anonymous, InstantSource clock) {
        KeySource publisher = KeyReader.open("sse-hub.auth", settings.publisher());
        Claims claims = new Claims(settings.issuer(), settings.audience(), settings.clockSkew(), clock);
        if (settings.subscriber().equals(settings.publisher())) {
            return new JwtAuthorizer(publisher, publisher, claims, anonymous);
        }
        try {
            return new JwtAuthorizer(publisher, KeyReader.open("sse-hub.auth.subscriber", settings.subscriber()), claims,
                    anonymous);
        } catch (IllegalArgumentException e) {
            publisher.close();
            throw e;
        }
    }

    @Override
    public Grant anonymous() {
        return anonymous;
    }

    @Override
    public Token publisher(String text) throws InvalidTokenException, KeysUnavailableException {
        return check(text, publisher);
    }

    @Override
    public Token subscriber(String text) throws InvalidTokenException, KeysUnavailableException {
        return check(text, subscriber);
    }

    private Token check(String text, KeySource source) throws InvalidTokenException, KeysUnavailableException {
        SignedToken token = SignedToken.of(text);
        try {
            for (VerifyingKey key : candidates(token.getHeader(), source)) {
                try {
                    return claims.read(processor.process(token, key), token.fingerprint(), key);
                } catch (BadJWSException _) { // signed with another key
                }
            }
        } catch (KeySourceException e) {
            throw new KeysUnavailableException(String.valueOf(e.getMessage()), e);
        } catch (BadJOSEException e) {
            throw new InvalidTokenException(String.valueOf(e.getMessage()), e);
        } catch (JOSEException e) {
            throw new InvalidTokenException("the signature of the token cannot be checked with the key of this hub", e);
        }
        throw new InvalidTokenException("the signature of the token is not valid, or made with another key");
    }

    private static List<VerifyingKey> candidates(JWSHeader header, KeySource source) throws BadJOSEException, KeySourceException {
        List<VerifyingKey> keys = source.select(Optional.ofNullable(header.getKeyID()));
        if (keys.isEmpty()) {
            throw new BadJOSEException("the token is signed with a key that this hub does not know");
        }
        List<VerifyingKey> candidates = keys.stream().filter(key -> key.algorithm().equals(header.getAlgorithm())).toList();
        if (candidates.isEmpty()) {
            throw new BadJOSEException("the token is signed with " + header.getAlgorithm() + "; this hub accepts "
                    + VerifyingKey.names(keys.stream().map(VerifyingKey::algorithm).toList()));
        }
        return candidates;
    }

    @Override
    public boolean takesTokens() {
        return true;
    }

    @Override
    public void close() {
        publisher.close();
        subscriber.close();
    }
}
