package dev.ssehub.keys;

import module java.base;

/**
 * Where a key for tokens is. Exactly one of {@code key}, {@code keyFile} and {@code jwks} is given.
 *
 * @param algorithm the only algorithm that is accepted; empty for the usual algorithm of the key
 * @param key a secret, or a public key in PEM
 * @param keyFile a file with a secret or a public key in PEM
 * @param jwks the path or the URL of a set of keys (RFC 7517)
 */
public record KeySettings(Optional<String> algorithm, Optional<String> key, Optional<Path> keyFile, Optional<String> jwks) {

    /** Returns the configuration key, in this section of the configuration, that says where the key is. */
    public String name(String section) {
        return section + (key.isPresent() ? ".key" : keyFile.isPresent() ? ".key-file" : ".jwks");
    }

    /** Returns a description without the key. */
    @Override
    public String toString() {
        return "KeySettings[" + algorithm + (key.isPresent() ? ", a key, " : ", ") + keyFile + ", " + jwks + "]";
    }
}
