package dev.ssehub.auth;

import java.time.InstantSource;

/**
 * For a hub with keys: whoever has a token (JWT, RFC 7519) signed with one of them may do what it says. Keys that can change
 * are kept fresh by threads, until it is closed.
 */
public final class JwtAuthorizer implements Authorizer {

    private final KeySource publisher;
    private final KeySource subscriber;
    private final Claims claims;
    private final Grant anonymous;

    private JwtAuthorizer(KeySource publisher, KeySource subscriber, Claims claims, Grant anonymous) {
        this.publisher = publisher;
        this.subscriber = subscriber;
        this.claims = claims;
        this.anonymous = anonymous;
    }

    /**
     * Reads the keys, but those of a URL, which are fetched when the first token comes.
     *
     * @param anonymous what everyone may do
     * @param clock by which tokens become valid and expire
     * @throws IllegalArgumentException if a key cannot be used; the message is one sentence, which names the key of the
     *     configuration and never has the key of tokens in it
     */
    public static JwtAuthorizer create(TokenSettings settings, Grant anonymous, InstantSource clock) {
        KeySource publisher = KeySource.of("sse-hub.auth", settings.publisher());
        Claims claims = new Claims(settings.issuer(), settings.audience(), settings.clockSkew(), clock);
        if (settings.subscriber().equals(settings.publisher())) {
            return new JwtAuthorizer(publisher, publisher, claims, anonymous);
        }
        try {
            return new JwtAuthorizer(publisher, KeySource.of("sse-hub.auth.subscriber", settings.subscriber()), claims,
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
        SignedText signed = SignedText.parse(text);
        signed.requireSignedWith(source.keys(signed.keyId()));
        return claims.read(signed.claims(), signed.fingerprint());
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
