package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.pki.PkiException;
import java.security.cert.X509Certificate;

/**
 * A PEM file (RFC 7468), as it was when it was read.
 *
 * @param setting the configuration key that names the file; messages begin with it
 */
public record Pem(String setting, Path path, String content) {

    /** Matches a block that is cut off, too: it must be refused, and not overlooked because whole blocks precede it. */
    private static final Pattern CERTIFICATES = Pattern
            .compile("-----BEGIN (CERTIFICATE)-----(.*?)(-----END CERTIFICATE-----|\\z)", Pattern.DOTALL);
    private static final Pattern PRIVATE_KEY = Pattern.compile("-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----(.*?)-----END \\1-----",
            Pattern.DOTALL);
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    /**
     * Reads a file.
     *
     * @throws IOException if the file cannot be read; the message is one sentence that names the setting and the file
     */
    public static Pem read(String setting, Path path) throws IOException {
        try {
            return new Pem(setting, path, new String(KeyFile.read(path), ISO_8859_1));
        } catch (IOException e) {
            throw new IOException(setting + ": " + e.getMessage(), e);
        }
    }

    /** Returns the beginning of a sentence about this file: its setting and its path. */
    public String name() {
        return setting + ": the file " + path;
    }

    /** Returns the name, not the content, which may be secret. */
    @Override
    public String toString() {
        return name();
    }

    /**
     * Returns the certificates in the file, at least one.
     *
     * @param keySetting the setting that the operator may have confused with this one
     * @throws IOException if there is no certificate, or one is broken; the message is one sentence that names the file
     */
    public List<X509Certificate> certificates(String keySetting) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (MatchResult block : CERTIFICATES.matcher(content).results().toList()) {
            try {
                certificates.add(certificate(block));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw new IOException(name() + " holds a certificate that is broken: " + e.getMessage(), e);
            }
        }
        if (certificates.isEmpty()) {
            throw lacks("certificate", "private key", PRIVATE_KEY, keySetting);
        }
        return certificates;
    }

    /**
     * Returns the private key in the file: PKCS #8, PKCS #1 or SEC 1.
     *
     * @param certificateSetting the setting that the operator may have confused with this one
     * @throws IOException if there is no key, or it is broken, encrypted or neither RSA nor EC; the message is one sentence that
     *             names the file
     */
    public PrivateKey privateKey(String certificateSetting) throws IOException {
        Matcher block = PRIVATE_KEY.matcher(content);
        if (!block.find()) {
            throw lacks("private key", "certificate", CERTIFICATES, certificateSetting);
        }
        if (block.group(1).startsWith("ENCRYPTED") || block.group().contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IOException(name() + " is encrypted, and nobody could type its password; openssl pkey -in " + path
                    + " -out NEW decrypts it");
        }
        try {
            return block.group(1).equals("EC PRIVATE KEY")
                    ? Der.ecPrivateKey(der(block))
                    : Keys.builder().pem(pem -> pem.key(resource(block))).build().privateKey().orElseThrow();
        } catch (InvalidParameterSpecException e) {
            throw new IOException(
                    name() + " holds a key in the form of SEC 1 (BEGIN EC PRIVATE KEY) that is of another curve, or "
                            + "does not name it; allowed are P-256, P-384 and P-521",
                    e);
        } catch (PkiException | GeneralSecurityException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new IOException(name() + " holds a key that is broken, or neither RSA nor EC: " + e.getMessage(), e);
        }
    }

    private IOException lacks(String wanted, String other, Pattern otherPattern, String otherSetting) {
        if (content.isBlank()) {
            return new IOException(name() + " is empty");
        }
        if (otherPattern.matcher(content).find()) {
            return new IOException(
                    name() + " holds a " + other + " and no " + wanted + "; is it the one for " + otherSetting + "?");
        }
        return new IOException(name() + " holds no whole " + wanted + "; allowed is PEM (-----BEGIN "
                + wanted.toUpperCase(Locale.ROOT) + "-----)");
    }

    /**
     * Reads a public key that tokens are checked with.
     *
     * @param text a block PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE
     * @throws IllegalArgumentException if the text is something else; the message is one sentence without the text
     */
    static JWK publicKey(String text) {
        Matcher block = BLOCK.matcher(text);
        boolean whole = block.lookingAt();
        if (whole && block.group(1).endsWith("PRIVATE KEY")) {
            throw VerifyingKey.privateKey();
        }
        try {
            return jwk(switch (whole ? block.group(1) : "") {
                case "PUBLIC KEY" -> Keys.builder().pem(pem -> pem.publicKey(resource(block))).build().publicKey().orElseThrow();
                case "RSA PUBLIC KEY" -> Der.rsaPublicKey(der(block));
                case "CERTIFICATE" -> certificate(block).getPublicKey();
                default -> throw new GeneralSecurityException("another block, or not a whole one");
            });
        } catch (PkiException | GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException("the key cannot be read; it must be the PEM of a PUBLIC KEY, RSA PUBLIC KEY or "
                    + "CERTIFICATE, of the kind RSA, or EC with the curve P-256, P-384 or P-521", e);
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

    private static X509Certificate certificate(MatchResult block) throws GeneralSecurityException {
        if (!block.group().endsWith("-----END CERTIFICATE-----")) {
            throw new GeneralSecurityException("it is cut off");
        }
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der(block)));
    }

    private static byte[] der(MatchResult block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }

    /** Returns the block without the blanks that Helidon does not skip. */
    private static Resource resource(MatchResult block) {
        return Resource.create("key", "-----BEGIN " + block.group(1) + "-----\n" + block.group(2).replaceAll("[ \t]", "").strip()
                + "\n-----END " + block.group(1) + "-----");
    }
}
