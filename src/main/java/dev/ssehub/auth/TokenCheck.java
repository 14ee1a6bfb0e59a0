package dev.ssehub.auth;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import dev.ssehub.keys.KeySource;
import dev.ssehub.keys.VerifyingKey;

/** Checks tokens with a set of keys. Thread-safe. */
final class TokenCheck {
    // To check a signature takes many times as long as all the rest of a publish. So a token that was valid is remembered, by its
    // digest. It is valid again until it expires, and as long as its key is among the keys. Only valid tokens are remembered, so
    // a client without one cannot fill the memory.

    private static final JWSVerifierFactory VERIFIERS = new DefaultJWSVerifierFactory();
    /** The approximate memory of all remembered tokens, in bytes. */
    private static final long MAX_MEMORY = 8 << 20;
    private static final int OVERHEAD = 1_000;

    private final KeySource keys;
    private final Claims claims;
    private final Cache<ByteBuffer, Checked> valid = Caffeine.newBuilder().maximumWeight(MAX_MEMORY)
            .weigher((ByteBuffer _, Checked checked) -> checked.memory()).executor(Runnable::run).build();

    /** @param memory the approximate memory that it takes, in bytes */
    private record Checked(Token token, Optional<String> kid, VerifyingKey key, int memory) {}

    TokenCheck(KeySource keys, Claims claims) {
        this.keys = keys;
        this.claims = claims;
    }

    KeySource keys() {
        return keys;
    }

    /** Returns how many tokens are remembered, for tests. */
    long remembered() {
        valid.cleanUp();
        return valid.estimatedSize();
    }

    /** Checks a token, see {@link Authorizer#publisher}. */
    Token check(String text) throws InvalidTokenException, KeysUnavailableException {
        ByteBuffer digest = digest(text);
        Checked before = valid.getIfPresent(digest);
        try {
            if (before != null && isValid(before)) {
                return before.token();
            }
            Checked checked = verify(SignedToken.of(text), text.length());
            valid.put(digest, checked);
            return checked.token();
        } catch (KeySourceException e) {
            throw new KeysUnavailableException(String.valueOf(e.getMessage()), e);
        } catch (BadJOSEException e) {
            throw new InvalidTokenException(String.valueOf(e.getMessage()), e);
        } catch (JOSEException e) {
            throw new InvalidTokenException("the signature of the token cannot be checked with the key of this hub", e);
        }
    }

    private boolean isValid(Checked before) throws BadJOSEException, KeySourceException {
        Instant now = claims.clock().instant();
        return before.token().expires().map(now::isBefore).orElse(true) && keys.select(before.kid()).contains(before.key());
    }

    private Checked verify(SignedToken token, int length)
            throws InvalidTokenException, BadJOSEException, KeySourceException, JOSEException {
        JWSHeader header = token.jws().getHeader();
        for (VerifyingKey key : candidates(header)) {
            if (token.jws().verify(verifier(header, key.key()))) {
                return new Checked(claims.read(token, key), Optional.ofNullable(header.getKeyID()), key, OVERHEAD + 4 * length);
            }
        }
        throw new InvalidTokenException("the signature of the token is not valid, or made with another key");
    }

    private static JWSVerifier verifier(JWSHeader header, Key key) throws JOSEException {
        return key instanceof EdECPublicKey ed25519 ? new Ed25519Verifier(ed25519) : VERIFIERS.createJWSVerifier(header, key);
    }

    /** Returns the keys that may have signed the token, given the key and the algorithm that its header names. */
    private List<VerifyingKey> candidates(JWSHeader header) throws InvalidTokenException, BadJOSEException, KeySourceException {
        List<VerifyingKey> named = keys.select(Optional.ofNullable(header.getKeyID()));
        if (named.isEmpty()) {
            throw new InvalidTokenException("the token is signed with a key that this hub does not know");
        }
        List<VerifyingKey> candidates = named.stream().filter(key -> key.allows(header.getAlgorithm())).toList();
        if (candidates.isEmpty()) {
            throw new InvalidTokenException("the token is signed with " + header.getAlgorithm() + "; this hub accepts "
                    + VerifyingKey.names(named.stream().map(VerifyingKey::algorithm).toList()));
        }
        return candidates;
    }

    private static ByteBuffer digest(String text) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
