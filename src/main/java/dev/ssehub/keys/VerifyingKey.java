package dev.ssehub.keys;

import module java.base;
import static java.util.stream.Collectors.joining;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;

/**
 * A key that tokens are checked with, and the only algorithm that is accepted with it. The header of a token never chooses the
 * algorithm (RFC 8725, 3.1).
 *
 * @param kid the name by which tokens refer to the key, if it has one
 * @param key a public key or a secret
 * @param thumbprint identifies the key material, whatever the key is called (RFC 7638, SHA-256)
 */
public record VerifyingKey(Optional<String> kid, JWSAlgorithm algorithm, Key key, String thumbprint) {
    private static final List<JWSAlgorithm> HMAC = List.copyOf(JWSAlgorithm.Family.HMAC_SHA);
    private static final List<JWSAlgorithm> RSA = List.copyOf(JWSAlgorithm.Family.RSA);
    private static final List<JWSAlgorithm> EC = List.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    /** RFC 8037 calls the algorithm EdDSA. RFC 9864 calls it Ed25519. */
    private static final List<JWSAlgorithm> ED25519 = List.of(JWSAlgorithm.EdDSA);
    private static final List<JWSAlgorithm> ALL = Stream.of(HMAC, RSA, EC, ED25519).flatMap(List::stream).toList();
    private static final int MIN_RSA_BITS = 2048;

    /** @throws IllegalArgumentException if the name, which the setting holds, is not that of an algorithm that the hub allows */
    static JWSAlgorithm algorithm(String setting, String name) {
        JWSAlgorithm named = canonical(JWSAlgorithm.parse(name));
        return ALL.stream().filter(named::equals).findFirst().orElseThrow(
                () -> new IllegalArgumentException(
                        setting + ": there is no algorithm '" + name + "'; it must be one of " + names(ALL)));
    }

    /** Returns EdDSA for both names of that algorithm. */
    private static JWSAlgorithm canonical(JWSAlgorithm algorithm) {
        return algorithm.equals(JWSAlgorithm.Ed25519) ? JWSAlgorithm.EdDSA : algorithm;
    }

    /** Returns whether a token that names this algorithm may be signed with the key. */
    public boolean allows(JWSAlgorithm named) {
        return algorithm.equals(canonical(named));
    }

    /**
     * Pins an algorithm to a key.
     *
     * @param configured the algorithm; empty for the usual algorithm of such a key
     * @throws IllegalArgumentException if the key is private or too weak, or the algorithm does not suit it
     */
    static VerifyingKey of(JWK key, Optional<JWSAlgorithm> configured) {
        List<JWSAlgorithm> suitable = suitable(key);
        if (suitable.isEmpty()) {
            throw new IllegalArgumentException("a key of this kind is not supported; the hub supports secrets, RSA keys, "
                    + "EC keys of the curves P-256, P-384 and P-521, and Ed25519 keys");
        }
        JWSAlgorithm algorithm = configured.orElse(suitable.getFirst());
        if (!suitable.contains(algorithm)) {
            throw new IllegalArgumentException("the algorithm " + algorithm + " does not suit the key, which is " + kind(key)
                    + "; the key allows " + names(suitable));
        }
        if (key.isPrivate() && !(key instanceof OctetSequenceKey)) {
            throw privateKey();
        }
        try {
            return new VerifyingKey(Optional.ofNullable(key.getKeyID()), algorithm, switch (key) {
                case OctetSequenceKey secret -> requireStrong(secret, algorithm).toSecretKey("HMAC");
                case RSAKey rsa -> requireStrong(rsa).toRSAPublicKey();
                case OctetKeyPair ed25519 -> Der.ed25519(ed25519.getDecodedX());
                default -> key.toECKey().toECPublicKey();
            }, key.computeThumbprint().toString());
        } catch (JOSEException | GeneralSecurityException e) {
            throw new IllegalArgumentException("the key, which is " + kind(key) + ", cannot be used", e);
        }
    }

    /**
     * Pins an algorithm to a key of a set. The key may itself name its use and its algorithm.
     *
     * @return empty if the key is not for tokens that this hub accepts
     * @throws IllegalArgumentException if the key is private or too weak
     */
    static Optional<VerifyingKey> ofSet(JWK key, Optional<JWSAlgorithm> configured) {
        List<JWSAlgorithm> suitable = suitable(key);
        Optional<JWSAlgorithm> own = Optional.ofNullable(key.getAlgorithm())
                .map(it -> canonical(JWSAlgorithm.parse(it.getName())));
        Optional<JWSAlgorithm> algorithm = own.or(() -> configured).or(() -> suitable.stream().findFirst());
        boolean verifies = (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
        return algorithm.filter(suitable::contains).filter(it -> verifies && configured.orElse(it).equals(it))
                .map(it -> of(key, Optional.of(it)));
    }

    /** Returns whether this key can also sign tokens. */
    boolean isSecret() {
        return key instanceof SecretKey;
    }

    /** Returns the algorithms that suit a key, the usual one first. */
    private static List<JWSAlgorithm> suitable(JWK key) {
        return switch (key) {
            case OctetSequenceKey _ -> HMAC;
            case RSAKey _ -> RSA;
            case ECKey ec -> EC.stream().filter(algorithm -> Curve.forJWSAlgorithm(algorithm).contains(ec.getCurve())).toList();
            case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) -> ED25519;
            default -> List.of();
        };
    }

    private static String kind(JWK key) {
        return switch (key) {
            case OctetSequenceKey _ -> "a secret";
            case ECKey ec -> "an EC key of the curve " + ec.getCurve();
            case OctetKeyPair pair -> "an " + pair.getCurve() + " key";
            default -> "an " + key.getKeyType() + " key";
        };
    }

    static IllegalArgumentException privateKey() {
        return new IllegalArgumentException("the key is private, and only the issuer of tokens may have it; "
                + "the hub needs the public key: openssl pkey -in private.pem -pubout");
    }

    /** Refuses a secret that is shorter than its hash (RFC 7518, 3.2). */
    private static OctetSequenceKey requireStrong(OctetSequenceKey secret, JWSAlgorithm algorithm) {
        int bytes = secret.toByteArray().length;
        int least = Integer.parseInt(algorithm.getName().substring(2)) / Byte.SIZE;
        if (bytes < least) {
            throw new IllegalArgumentException("the secret has " + bytes + " bytes; " + algorithm + " needs at least " + least
                    + ", for example: openssl rand -base64 " + least);
        }
        return secret;
    }

    private static RSAKey requireStrong(RSAKey key) throws JOSEException {
        int bits = key.toRSAPublicKey().getModulus().bitLength();
        if (bits < MIN_RSA_BITS) {
            throw new IllegalArgumentException("the RSA key has " + bits + " bits; it needs at least " + MIN_RSA_BITS);
        }
        return key;
    }

    /** Returns the names of algorithms, for a message. */
    public static String names(List<JWSAlgorithm> algorithms) {
        return algorithms.stream().map(JWSAlgorithm::getName).distinct().collect(joining(", "));
    }

    /** Returns a description without the key. */
    @Override
    public String toString() {
        return "VerifyingKey[" + kid + ", " + algorithm + "]";
    }
}
