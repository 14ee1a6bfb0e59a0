package dev.ssehub.auth;

/** Says what a client may do. Any thread may call. */
public interface Authorizer extends AutoCloseable {

    /** What everyone may do, with or without a token. */
    Grant anonymous();

    /**
     * Checks a token of someone who publishes. It may block, where keys must be fetched first.
     *
     * @throws InvalidTokenException if it is not valid, or there is no key to check it with
     * @throws KeysUnavailableException if the keys cannot be fetched at this moment
     */
    Token publisher(String text) throws InvalidTokenException, KeysUnavailableException;

    /**
     * Checks a token of someone who subscribes. It may block, where keys must be fetched first.
     *
     * @throws InvalidTokenException if it is not valid, or there is no key to check it with
     * @throws KeysUnavailableException if the keys cannot be fetched at this moment
     */
    Token subscriber(String text) throws InvalidTokenException, KeysUnavailableException;

    /** Whether there is a key to check tokens with. */
    boolean takesTokens();

    /** Ends what keeps the keys fresh. Closing twice does nothing. */
    @Override
    void close();
}
