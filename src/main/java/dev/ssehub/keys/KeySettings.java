package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;

/**
 * Where a key for tokens is. Exactly one of {@code key}, {@code keyFile} and {@code jwks} is given.
 *
 * @param algorithm the only algorithm that is accepted; empty for the usual algorithm of the key
 * @param key a secret, or a public key in PEM
 * @param keyFile a file with a secret or a public key in PEM
 * @param jwks the path or the URL of a set of keys (RFC 7517)
 */
public record KeySettings(Optional<String> algorithm, Optional<String> key, Optional<Path> keyFile, Optional<String> jwks) {
    /** Matches a text that is more likely meant as a URL than as a path. */
    private static final Pattern LIKE_A_URL = Pattern.compile("(?is)([a-z][a-z0-9+.-]+:/|https?[:/]).*");

    /** A single key. It never changes, and it is used for all tokens, even for those that name another key. */
    private record Single(VerifyingKey key) implements KeySource {
        @Override
        public List<VerifyingKey> select(Optional<String> kid) {
            return List.of(key);
        }

        @Override
        public Set<String> thumbprints() {
            return Set.of(key.thumbprint());
        }

        @Override
        public Optional<VerifyingKey> secret() {
            return Optional.of(key).filter(VerifyingKey::isSecret);
        }
    }

    /**
     * Reads the configured key, or the configured file of keys. Keys at a URL are not fetched yet.
     *
     * @param section the section of the configuration that the settings are from
     * @throws IllegalArgumentException if a setting is wrong; the message names the configuration key and never shows the key
     */
    public KeySource open(String section) {
        Optional<JWSAlgorithm> only = algorithm.map(name -> VerifyingKey.algorithm(section + ".algorithm", name));
        try {
            return jwks.isPresent() ? set(jwks.get().strip(), only) : new Single(VerifyingKey.of(single(), only));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(name(section) + ": " + e.getMessage(), e);
        }
    }

    /** Reads the single key. One line break at the end of a file is not part of the key. */
    private JWK single() throws IOException {
        byte[] bytes = key.isPresent()
                ? key.get().getBytes(UTF_8)
                : new String(KeyFile.read(keyFile.orElseThrow()), ISO_8859_1).replaceFirst("\r?\n?\\z", "").getBytes(ISO_8859_1);
        // a public key must not become a secret, which everyone knows: not after a comment or in UTF-16, and not as JSON
        String text = new String(bytes, ISO_8859_1).replace("\0", "").strip();
        if (bytes.length == 0 || text.startsWith("{")) {
            String found = text.isEmpty() ? "empty" : "JSON, which a file for .jwks may hold";
            throw new IllegalArgumentException("the key is " + found + "; it must be a secret, or a public key in PEM");
        }
        return text.contains("-----BEGIN") ? Pem.publicKey(text) : new OctetSequenceKey.Builder(bytes).build();
    }

    private static KeySource set(String place, Optional<JWSAlgorithm> algorithm) throws IOException {
        if (place.startsWith("{")) {
            throw new IllegalArgumentException("it is a set of keys; it must be the path of a file with the set, or its URL");
        }
        try {
            if (place.matches("(?is)https?://.*")) {
                return Jwks.at(new URI(place), algorithm, Jwks.Pace.URL);
            }
            Path file = Path.of(place);
            if (LIKE_A_URL.matcher(place).matches() && !Files.exists(file)) {
                throw new IllegalArgumentException((place.matches("(?s).*[@?].*") ? "it" : "'" + place + "'")
                        + " is neither a URL of http or https, such as https://example.com/keys, nor the path of a file");
            }
            return Jwks.in(file, algorithm, Jwks.Pace.FILE);
        } catch (URISyntaxException | InvalidPathException _) { // their messages may show a secret
            throw new IllegalArgumentException("it is neither the path of a file nor a URL such as https://example.com/keys");
        }
    }

    /** Returns the configuration key, in this section, that holds the key or says where it is. */
    public String name(String section) {
        String file = keyFile.isPresent() ? ".key-file" : ".jwks";
        return section + (key.isPresent() ? ".key" : file);
    }

    @Override
    public String toString() {
        return "KeySettings[" + algorithm + (key.isPresent() ? ", a key, " : ", ") + keyFile + ", " + jwks + "]";
    }
}
