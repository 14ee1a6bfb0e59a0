package dev.ssehub.keys;

import module java.base;

/**
 * Reads the two formats that neither the JDK nor Helidon reads: a private EC key of SEC 1 (RFC 5915), as ACME clients and
 * {@code openssl ecparam} write it, and a public RSA key of PKCS #1 (RFC 8017).
 */
final class Der {

    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xa0;
    /** The JDK's names for P-256, P-384 and P-521, by object identifier. */
    private static final Map<String, String> CURVES = Map.of("2a8648ce3d030107", "secp256r1", "2b81040022", "secp384r1",
            "2b81040023", "secp521r1");

    private Der() {}

    /** Reads an {@code RSA PUBLIC KEY} block: {@code SEQUENCE {INTEGER modulus, INTEGER exponent}}. */
    static PublicKey rsaPublicKey(byte[] pkcs1) throws GeneralSecurityException {
        ByteBuffer key = ByteBuffer.wrap(element(SEQUENCE, ByteBuffer.wrap(pkcs1)));
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(INTEGER, key), number(INTEGER, key)));
    }

    /**
     * Reads an {@code EC PRIVATE KEY} block:
     * {@code SEQUENCE {INTEGER 1, OCTET STRING key, [0] {OBJECT IDENTIFIER curve}, ...}}.
     *
     * @throws InvalidKeySpecException if the key is broken
     * @throws InvalidParameterSpecException if the key does not name its curve, or the curve is not P-256, P-384 or P-521
     */
    static PrivateKey ecPrivateKey(byte[] sec1) throws GeneralSecurityException {
        ByteBuffer key = ByteBuffer.wrap(element(SEQUENCE, ByteBuffer.wrap(sec1)));
        BigInteger version = number(INTEGER, key);
        BigInteger value = number(OCTET_STRING, key);
        if (!version.equals(BigInteger.ONE)) {
            throw new InvalidKeySpecException("it has the unknown version " + version);
        }
        ECParameterSpec curve = curve(key);
        if (value.signum() == 0 || value.compareTo(curve.getOrder()) >= 0) {
            throw new InvalidKeySpecException("its value is out of range");
        }
        return KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(value, curve));
    }

    private static ECParameterSpec curve(ByteBuffer key) throws GeneralSecurityException {
        String curve;
        try {
            byte[] parameters = element(PARAMETERS, key);
            curve = CURVES.get(HexFormat.of().formatHex(element(OBJECT_IDENTIFIER, ByteBuffer.wrap(parameters))));
        } catch (InvalidKeySpecException _) {
            throw new InvalidParameterSpecException("the curve is not named");
        }
        if (curve == null) {
            throw new InvalidParameterSpecException("the curve is not allowed");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static BigInteger number(int tag, ByteBuffer in) throws InvalidKeySpecException {
        return new BigInteger(1, element(tag, in));
    }

    /** Returns the content of the next element (X.690, 8.1), which must have this tag, and moves behind the element. */
    private static byte[] element(int tag, ByteBuffer in) throws InvalidKeySpecException {
        try {
            if (Byte.toUnsignedInt(in.get()) != tag) {
                throw new InvalidKeySpecException("its content is not in the format that its PEM header names");
            }
            int length = Byte.toUnsignedInt(in.get());
            if (length == 0x81) {
                length = Byte.toUnsignedInt(in.get());
            } else if (length == 0x82) {
                length = Short.toUnsignedInt(in.getShort());
            } else if (length >= 0x80) {
                throw new InvalidKeySpecException("it is too long");
            }
            byte[] content = new byte[length];
            in.get(content);
            return content;
        } catch (BufferUnderflowException e) {
            throw new InvalidKeySpecException("it ends too early", e);
        }
    }
}
