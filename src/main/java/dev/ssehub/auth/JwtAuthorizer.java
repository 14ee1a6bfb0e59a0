package dev.ssehub.auth;

import module java.base;
import com.nimbusds.jose.KeySourceException;
import dev.ssehub.keys.KeySource;

/**
 * The authorizer of a hub with keys. A token (JWT, RFC 7519) that is signed with one of the keys grants what its claims say.
 *
 * @param publishers checks tokens of publishers; the authorizer closes its keys when it is closed
 * @param subscribers checks tokens of subscribers; can be the same object as {@code publishers}
 * @param anonymous what all clients may do
 */
public record JwtAuthorizer(TokenCheck publishers, TokenCheck subscribers, Grant anonymous) implements Authorizer {
    /**
     * Reads the keys. Keys at a URL are fetched when the first token comes.
     *
     * @param anonymous what all clients may do
     * @param clock decides when tokens become valid and expire
     * @throws IllegalArgumentException if a key cannot be used; the message is one sentence that names the configuration key and
     *             never shows the key
     */
    public static JwtAuthorizer create(TokenSettings settings, Grant anonymous, InstantSource clock) {
        KeySource keys = settings.publisher().open("sse-hub.auth");
        Claims claims = new Claims(settings.issuer(), settings.audience(), settings.clockSkew(), clock);
        TokenCheck publishers = new TokenCheck(keys, claims);
        if (settings.subscriber().equals(settings.publisher())) {
            return new JwtAuthorizer(publishers, publishers, anonymous);
        }
        try {
            return new JwtAuthorizer(publishers, new TokenCheck(settings.subscriber().open("sse-hub.auth.subscriber"), claims),
                    anonymous);
        } catch (IllegalArgumentException e) {
            keys.close();
            throw e;
        }
    }

    @Override
    public Authorizer withAnonymous(Grant another) {
        return new JwtAuthorizer(publishers, subscribers, another);
    }

    @Override
    public Token publisher(String text) throws InvalidTokenException, KeysUnavailableException {
        return publishers.check(text);
    }

    @Override
    public Token subscriber(String text) throws InvalidTokenException, KeysUnavailableException {
        return subscribers.check(text);
    }

    @Override
    public Set<String> subscriberKeys() throws KeysUnavailableException {
        return thumbprints(subscribers.keys());
    }

    @Override
    public void fetchKeys() throws KeysUnavailableException {
        for (KeySource source : new HashSet<>(List.of(publishers.keys(), subscribers.keys()))) {
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
        subscribers.keys().onChange(listener);
    }

    @Override
    public boolean takesTokens() {
        return true;
    }

    @Override
    public void close() {
        publishers.keys().close();
        subscribers.keys().close();
    }
}
