package dev.ssehub.keys;

import module java.base;

/**
 * Reads encoded RSA and EC keys. The JDK knows PKCS #8 (RFC 5958) for private keys and X.509 (RFC 5280, 4.1.2.7) for public ones. This
 * class wraps a key in an older format, PKCS #1 (RFC 8017) or SEC 1 (RFC 5915), in one of these formats.
 */
final class Der {
    private static final HexFormat HEX = HexFormat.of();
    private static final String RSA = "06092a864886f70d010101";
    private static final String RSA_ALGORITHM = element("30", RSA + "0500");
    private static final String EC = "06072a8648ce3d0201";
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

    private static KeyFactory factory(String key) throws NoSuchAlgorithmException {
        return KeyFactory.getInstance(key.contains(RSA) ? "RSA" : "EC");
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
