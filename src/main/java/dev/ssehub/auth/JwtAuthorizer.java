package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;

/**
 * The authorizer of a hub with keys. A token (JWT, RFC 7519) that is signed with one of the keys grants what its claims say.
 *
 * @param publishers the keys for tokens of publishers; the authorizer closes them when it is closed
 * @param subscribers the keys for tokens of subscribers; can be the same object as {@code publishers}
 * @param anonymous what all clients may do
 */
public record JwtAuthorizer(KeySource publishers, KeySource subscribers, Claims claims, Grant anonymous) implements Authorizer {
    private static final JWSVerifierFactory VERIFIERS = new DefaultJWSVerifierFactory();

    /**
     * Reads the keys. Keys at a URL are fetched when the first token comes.
     *
     * @param anonymous what all clients may do
     * @param clock decides when tokens become valid and expire
     * @throws IllegalArgumentException if a key cannot be used; the message is one sentence that names the configuration key and
     *             never shows the key
     */
    public static JwtAuthorizer create(TokenSettings settings, Grant anonymous, InstantSource clock) {
        KeySource publishers = settings.publisher().open("sse-hub.auth");
        Claims claims = new Claims(settings.issuer(), settings.audience(), settings.clockSkew(), clock);
        if (settings.subscriber().equals(settings.publisher())) {
            return new JwtAuthorizer(publishers, publishers, claims, anonymous);
        }
        try {
            return new JwtAuthorizer(publishers, settings.subscriber().open("sse-hub.auth.subscriber"), claims, anonymous);
        } catch (IllegalArgumentException e) {
            publishers.close();
            throw e;
        }
    }

    @Override
    public Authorizer withAnonymous(Grant another) {
        return new JwtAuthorizer(publishers, subscribers, claims, another);
    }

    @Override
    public Token publisher(String text) throws InvalidTokenException, KeysUnavailableException {
        return check(text, publishers);
    }

    @Override
    public Token subscriber(String text) throws InvalidTokenException, KeysUnavailableException {
        return check(text, subscribers);
    }

    private Token check(String text, KeySource source) throws InvalidTokenException, KeysUnavailableException {
        SignedToken token = SignedToken.of(text);
        JWSHeader header = token.jws().getHeader();
        try {
            for (VerifyingKey key : candidates(header, source)) {
                if (token.jws().verify(verifier(header, key.key()))) {
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

    private static JWSVerifier verifier(JWSHeader header, Key key) throws JOSEException {
        return key instanceof EdECPublicKey ed25519 ? new Ed25519Verifier(ed25519) : VERIFIERS.createJWSVerifier(header, key);
    }

    /** Returns the keys that may have signed the token, given the key and the algorithm that its header names. */
    private static List<VerifyingKey> candidates(JWSHeader header, KeySource source)
            throws InvalidTokenException, BadJOSEException, KeySourceException {
        List<VerifyingKey> keys = source.select(Optional.ofNullable(header.getKeyID()));
        if (keys.isEmpty()) {
            throw new InvalidTokenException("the token is signed with a key that this hub does not know");
        }
        List<VerifyingKey> candidates = keys.stream().filter(key -> key.allows(header.getAlgorithm())).toList();
        if (candidates.isEmpty()) {
            throw new InvalidTokenException("the token is signed with " + header.getAlgorithm() + "; this hub accepts "
                    + VerifyingKey.names(keys.stream().map(VerifyingKey::algorithm).toList()));
        }
        return candidates;
    }

    @Override
    public Set<String> subscriberKeys() throws KeysUnavailableException {
        return thumbprints(subscribers);
    }

    @Override
    public void fetchKeys() throws KeysUnavailableException {
        for (KeySource source : Set.copyOf(List.of(publishers, subscribers))) {
            thumbprints(source);
        }
    }

    private static Set<String> thumbprints(KeySource source) throws KeysUnavailableException {
        try {
            return source.thumbprints();
        } catch (KeySourceException e) {
            throw new KeysUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void onSubscriberKeys(Consumer<Set<String>> listener) {
        subscribers.onChange(listener);
    }

    @Override
    public boolean takesTokens() {
        return true;
    }

    @Override
    public void close() {
        publishers.close();
        subscribers.close();
    }
}
