package dev.ssehub.keys;

import module java.base;

/**
 * Reads encoded RSA, EC and Ed25519 keys. The JDK knows PKCS #8 (RFC 5958) for private keys and X.509 (RFC 5280, 4.1.2.7) for public ones. This
 * class wraps a key in an older format, PKCS #1 (RFC 8017) or SEC 1 (RFC 5915), in one of these formats.
 */
final class Der {
    private static final HexFormat HEX = HexFormat.of();
    private static final String RSA = "06092a864886f70d010101";
    private static final String RSA_ALGORITHM = element("30", RSA + "0500");
    private static final String EC = "06072a8648ce3d0201";
    /** The algorithm of a key (RFC 8410, section 3). It has no parameters. */
    private static final String ED25519 = "300506032b6570";
    private static final int ED25519_BYTES = 32;
    private static final String P256 = "06082a8648ce3d030107";
    private static final List<String> CURVES = List.of(P256, "06052b81040022", "06052b81040023"); // P-384, P-521

    private Der() {}

    /** @param type the type of the PEM block: {@code PRIVATE KEY}, {@code RSA PRIVATE KEY} or {@code EC PRIVATE KEY} */
    static PrivateKey privateKey(String type, byte[] der) throws GeneralSecurityException {
        return switch (type) {
            case "EC PRIVATE KEY" -> ecPrivateKey(der);
            case "RSA PRIVATE KEY" -> privateKey(pkcs8(RSA_ALGORITHM, HEX.formatHex(der)));
            default -> privateKey(HEX.formatHex(der));
        };
    }

    /**
     * Reads a key of SEC 1, as ACME clients and {@code openssl ecparam} write it.
     *
     * @throws InvalidKeySpecException if the key is broken
     * @throws InvalidParameterSpecException if the key does not name its curve, or the curve is not P-256, P-384 or P-521
     */
    static PrivateKey ecPrivateKey(byte[] sec1) throws GeneralSecurityException {
        String key = HEX.formatHex(sec1);
        Optional<String> curve = CURVES.stream().filter(it -> key.contains(element("a0", it))).findFirst();
        ECPrivateKey read = (ECPrivateKey) privateKey(pkcs8(element("30", EC + curve.orElse(P256)), key));
        if (curve.isEmpty()) {
            throw new InvalidParameterSpecException("the curve is not named, or not allowed");
        }
        if (read.getS().signum() == 0 || read.getS().compareTo(read.getParams().getOrder()) >= 0) {
            throw new InvalidKeySpecException("its value is out of range");
        }
        return read;
    }

    private static PrivateKey privateKey(String pkcs8) throws GeneralSecurityException {
        return factory(pkcs8).generatePrivate(new PKCS8EncodedKeySpec(HEX.parseHex(pkcs8)));
    }

    /** @param type the type of the PEM block: {@code PUBLIC KEY} or {@code RSA PUBLIC KEY} */
    static PublicKey publicKey(String type, byte[] der) throws GeneralSecurityException {
        String key = HEX.formatHex(der);
        String x509 = type.equals("RSA PUBLIC KEY") ? element("30", RSA_ALGORITHM + element("03", "00" + key)) : key;
        return factory(x509).generatePublic(new X509EncodedKeySpec(HEX.parseHex(x509)));
    }

    /** Reads a public Ed25519 key of a set (RFC 8037, section 2). */
    static PublicKey ed25519(byte[] x) throws GeneralSecurityException {
        return publicKey("PUBLIC KEY", HEX.parseHex(element("30", ED25519 + element("03", "00" + HEX.formatHex(x)))));
    }

    /** Returns a public Ed25519 key as a set of keys has it: the last bytes of its encoded form. */
    static byte[] x(EdECPublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length);
    }

    private static KeyFactory factory(String key) throws NoSuchAlgorithmException {
        // the algorithm follows a tag and a length in a public key, and in a private key also the version
        boolean ed25519 = key.startsWith(ED25519, 4) || key.startsWith(ED25519, 10);
        return KeyFactory.getInstance(ed25519 ? "Ed25519" : key.contains(RSA) ? "RSA" : "EC");
    }

    private static String pkcs8(String algorithm, String key) {
        return element("30", "020100" + algorithm + element("04", key));
    }

    /** Encodes an element (X.690, 8.1). */
    private static String element(String tag, String content) {
        int length = content.length() / 2;
        String longForm = length < 0x100 ? "81%02x" : "82%04x";
        return tag + (length < 0x80 ? "%02x" : longForm).formatted(length) + content;
    }
}
