package dev.ssehub.auth;

/**
 * For a hub without keys: everyone may do the same.
 *
 * @param anonymous what that is
 */
public record AnonymousAuthorizer(Grant anonymous) implements Authorizer {

    @Override
    public Token publisher(String text) throws InvalidTokenException {
        throw new InvalidTokenException("this hub takes no tokens: sse-hub.auth has no key to check them with");
    }

    @Override
    public Token subscriber(String text) throws InvalidTokenException {
        return publisher(text);
    }

    @Override
    public boolean takesTokens() {
        return false;
    }

    @Override
    public void close() {}
}
