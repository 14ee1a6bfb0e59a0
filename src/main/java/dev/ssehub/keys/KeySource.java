package dev.ssehub.keys;

import module java.base;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;

/** The keys that tokens are checked with. Any thread may call any method. */
public interface KeySource extends AutoCloseable {
    /**
     * Returns the keys that may have signed a token. The list is empty if the token names an unknown key. Blocks only while keys
     * are fetched from a URL: the first time, and when a token names an unknown key.
     *
     * @param kid the name of the key in the token's header, if there is one
     * @throws BadJOSEException if the named key cannot be used; the message is a sentence for the client
     * @throws KeySourceException if there are no keys at this moment; the message is a sentence for the client
     */
    List<VerifyingKey> select(Optional<String> kid) throws BadJOSEException, KeySourceException;

    /**
     * Returns the {@linkplain VerifyingKey#thumbprint thumbprints} of all keys. Fetches keys at a URL, and blocks meanwhile.
     *
     * @throws KeySourceException if the keys cannot be read or fetched now; the message is a sentence for the operator
     */
    Set<String> thumbprints() throws KeySourceException;

    /** Returns the key with which the hub itself can sign tokens; empty if there are only public keys. */
    Optional<VerifyingKey> secret();

    /**
     * Adds a listener. It is called soon, if the keys are known, and after every change of the keys, without waiting for a token.
     *
     * @param listener gets the {@linkplain VerifyingKey#thumbprint thumbprints} of all keys, on the thread that watches the keys
     */
    default void onChange(Consumer<Set<String>> listener) {}

    /** Stops watching the keys. A second call has no effect. */
    @Override
    default void close() {}
}
