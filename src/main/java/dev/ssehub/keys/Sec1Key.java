package dev.ssehub.keys;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.InvalidParameterSpecException;
import java.util.HexFormat;
import java.util.Map;

/**
 * Reads the private key of an elliptic curve in the form of SEC 1 (RFC 5915), which ACME clients write and Java does not read:
 * {@code SEQUENCE {INTEGER 1, OCTET STRING key, [0] {OBJECT IDENTIFIER curve}, ...}}, in DER.
 */
final class Sec1Key {

    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xa0;

    /** Those of TLS, by their object identifiers (RFC 5480): P-256, P-384, P-521. */
    private static final Map<String, String> CURVES = Map.of("2a8648ce3d030107", "secp256r1", "2b81040022", "secp384r1",
            "2b81040023", "secp521r1");

    private Sec1Key() {}

    /**
     * The key in it.
     *
     * @throws InvalidKeySpecException if it is broken
     * @throws InvalidParameterSpecException if it does not name its curve, or that is none of P-256, P-384 and P-521
     */
    static PrivateKey read(byte[] der) throws GeneralSecurityException {
        BigInteger key;
        ByteBuffer rest;
        try {
            rest = element(SEQUENCE, ByteBuffer.wrap(der));
            if (!element(INTEGER, rest).equals(ByteBuffer.wrap(new byte[]{1}))) {
                throw new InvalidKeySpecException("it is not of version 1");
            }
            key = new BigInteger(1, bytes(element(OCTET_STRING, rest)));
        } catch (BufferUnderflowException e) {
            throw new InvalidKeySpecException("it ends too early", e);
        }
        ECParameterSpec curve = curve(rest);
        if (key.signum() == 0 || key.compareTo(curve.getOrder()) >= 0) {
            throw new InvalidKeySpecException("no key of its curve has this value");
        }
        return KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(key, curve));
    }

    private static ECParameterSpec curve(ByteBuffer rest) throws GeneralSecurityException {
        String name;
        try {
            name = CURVES.get(HexFormat.of().formatHex(bytes(element(OBJECT_IDENTIFIER, element(PARAMETERS, rest)))));
        } catch (BufferUnderflowException | InvalidKeySpecException _) {
            name = null;
        }
        if (name == null) {
            throw new InvalidParameterSpecException("no curve that is allowed");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(name));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    /** The content of the element that comes next, which must be of this kind. */
    private static ByteBuffer element(int tag, ByteBuffer in) throws InvalidKeySpecException {
        if (Byte.toUnsignedInt(in.get()) != tag) {
            throw new InvalidKeySpecException("it is not as RFC 5915 says");
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

    private static byte[] bytes(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }
}
