package dev.ssehub.auth;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;

/**
 * A key, and the one algorithm that is taken with it (RFC 8725, 3.1): what a token says of itself never chooses.
 *
 * @param algorithm that algorithm
 * @param verifier has the key
 */
record VerifyingKey(JWSAlgorithm algorithm, JWSVerifier verifier) {

    private static final List<JWSAlgorithm> HMAC = List.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512);
    private static final List<JWSAlgorithm> RSA = List.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512);
    private static final List<JWSAlgorithm> EC = List.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    private static final List<JWSAlgorithm> ALL = Stream.of(HMAC, RSA, EC).flatMap(List::stream).toList();
    private static final int LEAST_RSA_BITS = 2048;

    /**
     * Reads the name of an algorithm.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    static JWSAlgorithm algorithm(String name) {
        return ALL.stream().filter(algorithm -> algorithm.getName().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no algorithm '" + name + "'; allowed are " + names(ALL)));
    }

    /**
     * Pins an algorithm to a key.
     *
     * @param configured the algorithm; empty for the usual one of such a key
     * @throws IllegalArgumentException if it does not suit the key, or the key is too weak for it, or private
     */
    static VerifyingKey of(JWK key, Optional<JWSAlgorithm> configured) {
        List<JWSAlgorithm> suitable = suitable(key);
        if (suitable.isEmpty()) {
            throw new IllegalArgumentException("a key of this kind is not taken; allowed are secrets, RSA keys, "
                    + "and EC keys of the curves P-256, P-384 and P-521");
        }
        JWSAlgorithm algorithm = configured.orElse(suitable.getFirst());
        if (!suitable.contains(algorithm)) {
            throw new IllegalArgumentException(
                    "the algorithm " + algorithm + " does not suit the key, which is " + kind(key) + "; with it, "
                            + names(suitable) + (suitable.size() == 1 ? " does" : " do"));
        }
        try {
            return new VerifyingKey(algorithm, verifier(key, algorithm));
        } catch (JOSEException e) {
            throw new IllegalArgumentException("the key, which is " + kind(key) + ", cannot be used", e);
        }
    }

    /**
     * The same for a key of a set, which says for itself what it is for.
     *
     * @return empty if it is not for tokens that this hub takes
     * @throws IllegalArgumentException if it is too weak, or private
     */
    static Optional<VerifyingKey> ofSet(JWK key, Optional<JWSAlgorithm> configured) {
        List<JWSAlgorithm> suitable = suitable(key);
        Optional<JWSAlgorithm> own = Optional.ofNullable(key.getAlgorithm()).map(it -> JWSAlgorithm.parse(it.getName()));
        Optional<JWSAlgorithm> algorithm = own.or(() -> configured).or(() -> suitable.stream().findFirst());
        boolean signs = (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
        return algorithm.filter(suitable::contains).filter(it -> signs && configured.orElse(it).equals(it))
                .map(it -> of(key, Optional.of(it)));
    }

    /** @throws InvalidTokenException if it cannot be known whether this is the signature of the text */
    boolean verifies(byte[] text, byte[] signature) throws InvalidTokenException {
        try {
            return verifier.verify(new JWSHeader(algorithm), text, Base64URL.encode(signature));
        } catch (JOSEException e) {
            throw new InvalidTokenException("the signature of the token cannot be checked with the key that this hub has", e);
        }
    }

    /** Signs what this verifies; empty where only who has the private key can. */
    Optional<JWSSigner> signer() {
        try {
            return verifier instanceof MACVerifier secret ? Optional.of(new MACSigner(secret.getSecret())) : Optional.empty();
        } catch (JOSEException e) {
            throw new IllegalStateException(e); // the secret is strong enough, it was checked
        }
    }

    /** The usual one first. */
    private static List<JWSAlgorithm> suitable(JWK key) {
        return switch (key) {
            case OctetSequenceKey _ -> HMAC;
            case RSAKey _ -> RSA;
            case ECKey ec when ec.getCurve().equals(Curve.P_256) -> List.of(JWSAlgorithm.ES256);
            case ECKey ec when ec.getCurve().equals(Curve.P_384) -> List.of(JWSAlgorithm.ES384);
            case ECKey ec when ec.getCurve().equals(Curve.P_521) -> List.of(JWSAlgorithm.ES512);
            default -> List.of();
        };
    }

    private static String kind(JWK key) {
        return switch (key) {
            case OctetSequenceKey _ -> "a secret";
            case ECKey ec -> "an EC key of the curve " + ec.getCurve();
            default -> "an " + key.getKeyType() + " key";
        };
    }

    private static JWSVerifier verifier(JWK key, JWSAlgorithm algorithm) throws JOSEException {
        if (key.isPrivate() && !(key instanceof OctetSequenceKey)) {
            throw privateKey();
        }
        return switch (key) {
            case OctetSequenceKey secret -> new MACVerifier(requireStrong(secret.toByteArray(), algorithm));
            case RSAKey rsa -> {
                int bits = rsa.toRSAPublicKey().getModulus().bitLength();
                if (bits < LEAST_RSA_BITS) {
                    throw new IllegalArgumentException(
                            "the RSA key has " + bits + " bits; " + LEAST_RSA_BITS + " is the least that is taken");
                }
                yield new RSASSAVerifier(rsa);
            }
            default -> new ECDSAVerifier(key.toECKey());
        };
    }

    static IllegalArgumentException privateKey() {
        return new IllegalArgumentException("the key is a private one, which only those may have who issue tokens; "
                + "the hub needs its public one: openssl pkey -in private.pem -pubout");
    }

    /**
     * Refuses a secret that is shorter than what it is hashed to (RFC 7518, 3.2).
     *
     * @throws IllegalArgumentException if it is
     */
    static byte[] requireStrong(byte[] secret, JWSAlgorithm algorithm) {
        int least = Integer.parseInt(algorithm.getName().substring(2)) / Byte.SIZE;
        if (secret.length < least) {
            throw new IllegalArgumentException(
                    "the secret has " + secret.length + " bytes; for " + algorithm + " it needs " + least
                            + " at least, such as: openssl rand -base64 " + least);
        }
        return secret;
    }

    static String names(List<JWSAlgorithm> algorithms) {
        return algorithms.stream().map(JWSAlgorithm::getName).distinct().collect(joining(", "));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "VerifyingKey[" + algorithm + "]";
    }
}
