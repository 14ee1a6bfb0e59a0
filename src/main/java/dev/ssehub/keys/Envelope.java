package dev.ssehub.keys;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.InvalidParameterSpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/**
 * Reads the two formats that neither the JDK nor Helidon reads, by putting the key into the DER envelope that the JDK reads: a
 * private EC key of SEC 1 (RFC 5915), as ACME clients and {@code openssl ecparam} write it, into PKCS #8; a public RSA key of
 * PKCS #1 (RFC 8017) into a SubjectPublicKeyInfo.
 */
final class Envelope {

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xa0;
    private static final int MAX_SIZE = 1 << 15;

    /** The algorithm {@code rsaEncryption} (RFC 8017, A.1). */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    /** The version of PKCS #8. */
    private static final byte[] VERSION = HexFormat.of().parseHex("020100");
    /** The algorithm {@code id-ecPublicKey} without its parameter, the curve (RFC 5480). */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    /** P-256, P-384 and P-521. */
    private static final Set<String> CURVES = Set.of("2a8648ce3d030107", "2b81040022", "2b81040023");

    private Envelope() {}

    /** Reads the public key of a {@code RSA PUBLIC KEY} block. */
    static PublicKey rsaPublicKey(byte[] pkcs1) throws GeneralSecurityException {
        byte[] noUnusedBits = {0};
        byte[] info = tagged(SEQUENCE, RSA, tagged(BIT_STRING, noUnusedBits, pkcs1));
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(info));
    }

    /**
     * Reads the private key of an {@code EC PRIVATE KEY} block.
     *
     * @throws InvalidKeySpecException if the key is broken
     * @throws InvalidParameterSpecException if the key does not name its curve, or the curve is not P-256, P-384 or P-521
     */
    static PrivateKey ecPrivateKey(byte[] sec1) throws GeneralSecurityException {
        byte[] algorithm = tagged(SEQUENCE, EC, tagged(OBJECT_IDENTIFIER, curve(sec1)));
        byte[] info = tagged(SEQUENCE, VERSION, algorithm, tagged(OCTET_STRING, sec1));
        ECPrivateKey key = (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(info));
        if (key.getS().signum() <= 0 || key.getS().compareTo(key.getParams().getOrder()) >= 0) {
            throw new InvalidKeySpecException("no key of its curve has this value");
        }
        return key;
    }

    /** {@code SEQUENCE {INTEGER 1, OCTET STRING key, [0] {OBJECT IDENTIFIER curve}, ...}}. */
    private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
        ByteBuffer content;
        try {
            content = element(SEQUENCE, ByteBuffer.wrap(sec1));
            element(INTEGER, content);
            element(OCTET_STRING, content);
        } catch (BufferUnderflowException e) {
            throw new InvalidKeySpecException("it ends too early", e);
        }
        try {
            ByteBuffer found = element(OBJECT_IDENTIFIER, element(PARAMETERS, content));
            byte[] curve = new byte[found.remaining()];
            found.get(curve);
            if (CURVES.contains(HexFormat.of().formatHex(curve))) {
                return curve;
            }
        } catch (BufferUnderflowException | InvalidKeySpecException _) { // the curve is not named
        }
        throw new InvalidParameterSpecException("the curve is not named or not allowed");
    }

    /** Returns the content of the next element, which must have this tag, and moves behind the element. */
    private static ByteBuffer element(int tag, ByteBuffer in) throws InvalidKeySpecException {
        if (Byte.toUnsignedInt(in.get()) != tag) {
            throw new InvalidKeySpecException("it is not in the format of RFC 5915");
        }
        int length = Byte.toUnsignedInt(in.get());
        if (length == 0x81) {
            length = Byte.toUnsignedInt(in.get());
        } else if (length == 0x82) {
            length = Short.toUnsignedInt(in.getShort());
        } else if (length >= 0x80) {
            throw new InvalidKeySpecException("it is too long");
        }
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }

    /** Returns an element (X.690, 8.1). */
    private static byte[] tagged(int tag, byte[]... parts) throws InvalidKeySpecException {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        if (length > MAX_SIZE) {
            throw new InvalidKeySpecException("it is too long");
        }
        ByteBuffer element = ByteBuffer.allocate(4 + length).put((byte) tag);
        if (length >= 0x100) {
            element.put((byte) 0x82).putShort((short) length);
        } else if (length >= 0x80) {
            element.put((byte) 0x81).put((byte) length);
        } else {
            element.put((byte) length);
        }
        for (byte[] part : parts) {
            element.put(part);
        }
        byte[] bytes = new byte[element.flip().remaining()];
        element.get(bytes);
        return bytes;
    }
}
