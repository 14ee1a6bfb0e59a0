package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;

/** The authorizer of a hub with keys: a token (JWT, RFC 7519) that is signed with one of them grants what it says. */
public final class JwtAuthorizer implements Authorizer {

    private final JWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();
    private final KeySource publisher;
    private final KeySource subscriber;
    private final Claims claims;
    private final Grant anonymous;

    /** Creates an authorizer that closes the keys when it is closed. */
    JwtAuthorizer(KeySource publisher, KeySource subscriber, Claims claims, Grant anonymous) {
        this.publisher = publisher;
        this.subscriber = subscriber;
        this.claims = claims;
        this.anonymous = anonymous;
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
        KeySource publisher = settings.publisher().open("sse-hub.auth");
        Claims claims = new Claims(settings.issuer(), settings.audience(), settings.clockSkew(), clock);
        if (settings.subscriber().equals(settings.publisher())) {
            return new JwtAuthorizer(publisher, publisher, claims, anonymous);
        }
        try {
            return new JwtAuthorizer(publisher, settings.subscriber().open("sse-hub.auth.subscriber"), claims,
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
        JWSHeader header = token.jws().getHeader();
        try {
            for (VerifyingKey key : candidates(header, source)) {
                if (token.jws().verify(verifiers.createJWSVerifier(header, key.key()))) {
                    return claims.read(token, key);
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

    /** Returns the keys that the token may be signed with, by the name and the algorithm that its header names. */
    private static List<VerifyingKey> candidates(JWSHeader header, KeySource source)
            throws InvalidTokenException, BadJOSEException, KeySourceException {
        List<VerifyingKey> keys = source.select(Optional.ofNullable(header.getKeyID()));
        if (keys.isEmpty()) {
            throw new InvalidTokenException("the token is signed with a key that this hub does not know");
        }
        List<VerifyingKey> candidates = keys.stream().filter(key -> key.algorithm().equals(header.getAlgorithm())).toList();
        if (candidates.isEmpty()) {
            throw new InvalidTokenException("the token is signed with " + header.getAlgorithm() + "; this hub accepts "
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
