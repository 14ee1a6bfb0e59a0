package dev.ssehub.auth;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import com.nimbusds.jose.JWSAlgorithm;

import dev.ssehub.auth.TokenSettings.KeySettings;

/** Where the keys are that tokens are checked with. Any thread may ask. */
sealed interface KeySource extends AutoCloseable permits KeySource.One, JwksFile, JwksUrl {

    /** So long those that are known are used, if what they come from is away. */
    Duration OUTAGE = Duration.ofHours(4);
    /** What is meant as a URL, rather than as a path. */
    Pattern LIKE_A_URL = Pattern.compile("(?is)([a-z][a-z0-9+.-]+:/|https?[:/]).*");

    /**
     * Those with which a token may be signed.
     *
     * @param id which key it names ({@code kid}), if it does
     * @throws InvalidTokenException if the key that it names cannot be used
     * @throws KeysUnavailableException if they cannot be fetched at this moment
     */
    List<VerifyingKey> keys(Optional<String> id) throws InvalidTokenException, KeysUnavailableException;

    /** The one with which the hub itself can sign tokens; empty if it has none but public keys. */
    Optional<KeySet.Usable> secret();

    /** Ends what keeps them fresh. Closing twice does nothing. */
    @Override
    void close();

    /** The one that is configured, whatever a token calls it. */
    record One(VerifyingKey key) implements KeySource {
        @Override
        public List<VerifyingKey> keys(Optional<String> id) {
            return List.of(key);
        }

        @Override
        public Optional<KeySet.Usable> secret() {
            return Optional.of(new KeySet.Usable(Optional.empty(), key)).filter(it -> key.signer().isPresent());
        }

        @Override
        public void close() {}
    }

    /**
     * Reads what is configured.
     *
     * @param section where
     * @throws IllegalArgumentException if there is a mistake; the message is one sentence, which names the key of the
     *     configuration and never has the key of tokens in it
     */
    static KeySource of(String section, KeySettings settings) {
        Optional<JWSAlgorithm> algorithm = named(section + ".algorithm", () -> settings.algorithm().map(VerifyingKey::algorithm));
        return named(settings.name(section), () -> read(settings, algorithm));
    }

    /** Names the key of the configuration that a mistake is in. */
    static <T> T named(String key, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
        }
    }

    private static KeySource read(KeySettings settings, Optional<JWSAlgorithm> algorithm) {
        if (settings.jwks().isEmpty()) {
            return new One(VerifyingKey.of(KeyText.of(settings).read(), algorithm));
        }
        String jwks = settings.jwks().get().strip();
        if (jwks.startsWith("{")) {
            throw new IllegalArgumentException(
                    "it is a set of keys; it must be the path of a file with the set, or its URL");
        }
        try {
            if (jwks.matches("(?is)https?://.*")) {
                return JwksUrl.create(new URI(jwks), algorithm, JwksUrl.Pace.USUAL);
            }
            Path file = Path.of(jwks);
            if (LIKE_A_URL.matcher(jwks).matches() && !Files.exists(file)) {
                throw new IllegalArgumentException((jwks.matches("(?s).*[@?].*") ? "it" : "'" + jwks + "'")
                        + " is neither a URL of http or https, such as https://example.com/keys, nor the path of a file; "
                        + "these are allowed");
            }
            return new JwksFile(file, algorithm, OUTAGE);
        } catch (URISyntaxException | InvalidPathException _) { // their messages may have in them what is secret
            throw new IllegalArgumentException("it is neither the path of a file nor a URL such as https://example.com/keys");
        }
    }
}
