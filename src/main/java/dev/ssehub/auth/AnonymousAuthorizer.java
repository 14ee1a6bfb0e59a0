package dev.ssehub.auth;

/**
 * The authorizer of a hub without keys: all clients may do the same, and tokens are refused.
 *
 * @param anonymous what all clients may do
 */
public record AnonymousAuthorizer(Grant anonymous) implements Authorizer {
    @Override
    public Authorizer withAnonymous(Grant another) {
        return new AnonymousAuthorizer(another);
    }

    @Override
    public Token publisher(String text) throws InvalidTokenException {
        throw new InvalidTokenException("this hub accepts no tokens: sse-hub.auth has no key to check them with");
    }

    @Override
    public Token subscriber(String text) throws InvalidTokenException {
        return publisher(text);
    }

    @Override
    public boolean takesTokens() {
        return false;
    }
}
