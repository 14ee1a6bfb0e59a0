package dev.ssehub.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;

import dev.ssehub.auth.TokenSettings.KeySettings;

/** A key as an operator writes it: PEM, or a secret. */
final class KeyText {

    private static final int MAX_FILE_SIZE = 1 << 20;

    private final byte[] bytes;

    private KeyText(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * What is configured as key or key file.
     *
     * @throws IllegalArgumentException if the file cannot be read
     */
    static KeyText of(KeySettings settings) {
        return settings.key().map(key -> new KeyText(key.getBytes(UTF_8)))
                .orElseGet(() -> new KeyText(withoutLineBreak(file(settings.keyFile().orElseThrow()))));
    }

    boolean isSecret() {
        return !new String(bytes, ISO_8859_1).stripLeading().startsWith("-----BEGIN");
    }

    /**
     * Reads the key.
     *
     * @throws IllegalArgumentException if it is empty, private, or cannot be parsed
     */
    JWK read() {
        if (bytes.length == 0) {
            throw new IllegalArgumentException("the key is empty; it must be a secret, or a public key in PEM");
        }
        return isSecret() ? new OctetSequenceKey.Builder(bytes).build() : Pem.publicKey(new String(bytes, ISO_8859_1).strip());
    }

    /**
     * What is in a file.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static byte[] file(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_SIZE + 1);
            if (bytes.length > MAX_FILE_SIZE) {
                throw new IllegalArgumentException(
                        "the file " + file + " has more than the " + MAX_FILE_SIZE + " bytes that are allowed");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + file + "; it must be one that the hub may read", e);
        } catch (IOException e) {
            String reason = e instanceof AccessDeniedException ? "no permission" : e.getMessage();
            throw new IllegalArgumentException("the file " + file + " cannot be read: " + reason, e);
        }
    }

    private static byte[] withoutLineBreak(byte[] bytes) {
        int end = bytes.length;
        if (end > 0 && bytes[end - 1] == '\n') {
            end--;
        }
        if (end > 0 && bytes[end - 1] == '\r') {
            end--;
        }
        return Arrays.copyOf(bytes, end);
    }
}
