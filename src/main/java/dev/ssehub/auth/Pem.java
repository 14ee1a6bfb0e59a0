package dev.ssehub.auth;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;

/** Reads public keys in PEM (RFC 7468). */
final class Pem {

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    /** "rsaEncryption, without parameters" (RFC 8017, A.1), as it stands before the key itself in a PUBLIC KEY. */
    private static final byte[] RSA_ENCRYPTION = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final int MAX_RSA_KEY = 1 << 15;
    private static final int SEQUENCE = 0x30;
    private static final int BIT_STRING = 0x03;

    private Pem() {}

    /** @throws IllegalArgumentException if it is not the PEM of a public key */
    static JWK publicKey(String text) {
        Matcher block = BLOCK.matcher(text);
        if (!block.lookingAt()) {
            throw unreadable();
        }
        String type = block.group(1);
        if (type.endsWith("PRIVATE KEY")) {
            throw VerifyingKey.privateKey();
        }
        try {
            return switch (type) {
                case "PUBLIC KEY" -> jwk(publicKey(der(block)));
                case "RSA PUBLIC KEY" -> jwk(publicKey(wrapped(der(block))));
                case "CERTIFICATE" -> jwk(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der(block))).getPublicKey());
                default -> throw unreadable();
            };
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    private static byte[] der(Matcher block) throws GeneralSecurityException {
        try {
            return Base64.getDecoder().decode(block.group(2).replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        X509EncodedKeySpec encoded = new X509EncodedKeySpec(der);
        try {
            return KeyFactory.getInstance("RSA").generatePublic(encoded);
        } catch (InvalidKeySpecException _) { // then it is the other kind, or none
            return KeyFactory.getInstance("EC").generatePublic(encoded);
        }
    }

    private static JWK jwk(PublicKey key) throws GeneralSecurityException {
        return switch (key) {
            case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
            case ECPublicKey ec -> {
                Curve curve = Curve.forECParameterSpec(ec.getParams());
                if (curve == null) {
                    throw new GeneralSecurityException("another curve");
                }
                yield new ECKey.Builder(curve, ec).build();
            }
            default -> throw new GeneralSecurityException("another kind: " + key.getAlgorithm());
        };
    }

    /** A PUBLIC KEY of an RSA PUBLIC KEY. */
    private static byte[] wrapped(byte[] key) throws GeneralSecurityException {
        if (key.length > MAX_RSA_KEY) {
            throw new GeneralSecurityException("too long");
        }
        byte[] unused = {0}; // bits of the last byte
        return tagged(SEQUENCE, concat(RSA_ENCRYPTION, tagged(BIT_STRING, concat(unused, key))));
    }

    /** In DER (X.690, 8.1). */
    private static byte[] tagged(int tag, byte[] content) {
        int length = content.length;
        byte[] head = length < 0x80
                ? new byte[]{(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[]{(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[]{(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(head, content);
    }

    private static byte[] concat(byte[] a, byte[] b) {
        return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }

    private static IllegalArgumentException unreadable() {
        return unreadable(null);
    }

    private static IllegalArgumentException unreadable(@Nullable Exception cause) {
        return new IllegalArgumentException("the key cannot be read; it must be the PEM of a PUBLIC KEY, RSA PUBLIC KEY or "
                + "CERTIFICATE, of the kind RSA, or EC with the curve P-256, P-384 or P-521", cause);
    }
}
