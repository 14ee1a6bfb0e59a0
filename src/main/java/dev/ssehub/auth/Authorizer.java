package dev.ssehub.auth;

import module java.base;

/** Decides what a client may do. Any thread may call any method. */
public interface Authorizer extends AutoCloseable {
    /** Returns what all clients may do, with or without a token. */
    Grant anonymous();

    /** Returns an authorizer with the same keys. All clients may do something else there. */
    Authorizer withAnonymous(Grant another);

    /**
     * Checks the token of a publisher. Blocks while keys are fetched.
     *
     * @throws InvalidTokenException if the token is not valid, or the hub has no key to check it with
     * @throws KeysUnavailableException if the keys are not available at this moment
     */
    Token publisher(String text) throws InvalidTokenException, KeysUnavailableException;

    /** Checks the token of a subscriber, like {@link #publisher}. */
    Token subscriber(String text) throws InvalidTokenException, KeysUnavailableException;

    /** Returns whether the hub has a key to check tokens with. */
    boolean takesTokens();

    /**
     * Returns the thumbprints of the keys that tokens of subscribers are checked with. Fetches keys at a URL, and blocks meanwhile.
     *
     * @throws KeysUnavailableException if the keys are not available at this moment
     */
    default Set<String> subscriberKeys() throws KeysUnavailableException {
        return Set.of();
    }

    /**
     * Reads all keys, also those at a URL, and blocks meanwhile.
     *
     * @throws KeysUnavailableException if keys are not available at this moment
     */
    default void fetchKeys() throws KeysUnavailableException {}

    /** Adds a listener for changes of these keys. It gets their thumbprints, on a thread that watches the keys. */
    default void onSubscriberKeys(Consumer<Set<String>> listener) {}

    /** Stops watching the keys. A second call has no effect. */
    @Override
    default void close() {}
}
