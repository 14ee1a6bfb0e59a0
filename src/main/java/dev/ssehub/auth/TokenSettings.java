package dev.ssehub.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What an operator can set about tokens.
 *
 * @param publisher what publishers' tokens are signed with
 * @param subscriber what subscribers' tokens are signed with
 * @param issuer who must have issued them ({@code iss}), if that is checked
 * @param audience for whom they must be ({@code aud}), if that is checked
 * @param clockSkew how far the issuer's clock may be off
 */
public record TokenSettings(KeySettings publisher, KeySettings subscriber, Optional<String> issuer, Optional<String> audience,
        Duration clockSkew) {

    /**
     * Where a key is; one of the three is given.
     *
     * @param algorithm the one algorithm that is accepted; empty for the usual one of the key
     * @param key a secret, or a public key in PEM
     * @param keyFile a file with the same
     * @param jwks the file or the URL of a set of keys (RFC 7517)
     */
    public record KeySettings(Optional<String> algorithm, Optional<String> key, Optional<Path> keyFile, Optional<String> jwks) {

        /** Which key of a section of the configuration it is. */
        public String name(String section) {
            return section + (key.isPresent() ? ".key" : keyFile.isPresent() ? ".key-file" : ".jwks");
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "KeySettings[" + algorithm + (key.isPresent() ? ", a key, " : ", ") + keyFile + ", " + jwks + "]";
        }
    }
}
