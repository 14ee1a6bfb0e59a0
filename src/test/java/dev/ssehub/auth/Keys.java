package dev.ssehub.auth;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.ssehub.keys.KeySettings;
import dev.ssehub.keys.KeySource;
import java.security.Signature;

/** Keys, and tokens signed with them. */
public final class Keys {
    public static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    public static final Duration SKEW = Duration.ofSeconds(5);
    public static final String SECRET = "a-secret-of-which-nothing-may-ever-be-seen-anywhere-0123456789-0123456789";
    public static final OctetSequenceKey HMAC = new OctetSequenceKey.Builder(SECRET.getBytes(UTF_8)).build();
    public static final RSAKey RSA = rsa(2048);

    private Keys() {}

    public static RSAKey rsa(int bits) {
        try {
            return new RSAKeyGenerator(bits, true).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static ECKey ec(Curve curve) {
        try {
            return new ECKeyGenerator(curve).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static OctetKeyPair ed25519() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new OctetKeyPair.Builder(Curve.Ed25519, last32Bytes(pair.getPublic())).d(last32Bytes(pair.getPrivate()))
                    .build();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Base64URL last32Bytes(Key key) {
        byte[] encoded = key.getEncoded();
        return Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
    }

    /** Returns the public key of an Ed25519 key (RFC 8410, section 4). */
    public static PublicKey publicKey(OctetKeyPair key) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(
                HexFormat.of().parseHex("302a300506032b6570032100" + HexFormat.of().formatHex(key.getDecodedX()))));
    }

    private static PrivateKey privateKey(OctetKeyPair key) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(
                HexFormat.of().parseHex("302e020100300506032b657004220420" + HexFormat.of().formatHex(key.getDecodedD()))));
    }

    public static String sign(String header, String payload, JWK key) throws Exception {
        String signed = encode(header) + "." + encode(payload);
        JWSHeader algorithm = new JWSHeader(JWSAlgorithm.parse(header.replaceFirst("(?s).*\"alg\":\"(\\w+)\".*", "$1")));
        return signed + "." + signer(key).sign(algorithm, signed.getBytes(US_ASCII));
    }

    /** Returns a token that is signed with the secret. */
    public static String token(String payload) throws Exception {
        return sign("{\"alg\":\"HS256\"}", payload, HMAC);
    }

    public static String token(JWSAlgorithm algorithm, JWK key) throws Exception {
        JWSObject token = new JWSObject(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(),
                new Payload("{\"mercure\":{\"publish\":[\"a\"]}}"));
        token.sign(signer(key));
        return token.serialize();
    }

    public static JWSSigner signer(JWK key) throws JOSEException {
        return switch (key) {
            case RSAKey rsa -> new RSASSASigner(rsa);
            case ECKey ec -> new ECDSASigner(ec);
            case OctetKeyPair ed25519 -> new Ed25519Signer(ed25519);
            default -> new MACSigner(key.toOctetSequenceKey());
        };
    }

    /** Nimbus's own class needs another library. */
    private static final class Ed25519Signer extends BaseJWSProvider implements JWSSigner {
        private final OctetKeyPair key;

        Ed25519Signer(OctetKeyPair key) {
            super(Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519));
            this.key = key;
        }

        @Override
        public Base64URL sign(JWSHeader header, byte[] input) throws JOSEException {
            try {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(privateKey(key));
                signature.update(input);
                return Base64URL.encode(signature.sign());
            } catch (GeneralSecurityException e) {
                throw new JOSEException(e.getMessage(), e);
            }
        }
    }

    public static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    public static String pem(Key key) {
        return pem(key instanceof PrivateKey ? "PRIVATE KEY" : "PUBLIC KEY", key.getEncoded());
    }

    public static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(der) + "\n-----END "
                + type + "-----\n";
    }

    public static KeySettings key(String key) {
        return new KeySettings(Optional.empty(), Optional.of(key), Optional.empty(), Optional.empty());
    }

    public static KeySettings key(String algorithm, String key) {
        return new KeySettings(Optional.of(algorithm), Optional.of(key), Optional.empty(), Optional.empty());
    }

    public static KeySettings jwks(String where) {
        return new KeySettings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(where));
    }

    public static TokenSettings settings(KeySettings key) {
        return new TokenSettings(key, key, Optional.empty(), Optional.empty(), SKEW);
    }

    public static JwtAuthorizer authorizer(KeySettings key) {
        return authorizer(settings(key), NOW);
    }

    public static JwtAuthorizer authorizer(TokenSettings settings, Instant now) {
        return JwtAuthorizer.create(settings, Grant.NONE, InstantSource.fixed(now));
    }

    /** Checks a token with these keys, as the hub does. */
    public static Token check(KeySource source, String token) throws InvalidTokenException, KeysUnavailableException {
        return authorizer(source).publisher(token);
    }

    /** Returns an authorizer with these keys. Its clock stands at {@link #NOW}. */
    public static JwtAuthorizer authorizer(KeySource source) {
        Claims claims = new Claims(Optional.empty(), Optional.empty(), SKEW, InstantSource.fixed(NOW));
        TokenCheck check = new TokenCheck(source, claims);
        return new JwtAuthorizer(check, check, Grant.NONE);
    }

    public static String stackTrace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
