package dev.ssehub.keys;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/**
 * The content of a PEM file (RFC 7468).
 *
 * @param setting the configuration key that names the file; messages begin with it
 */
public record Pem(String setting, Path path, String content) {
    /** Also matches a certificate that is cut off, so that it is refused even after complete certificates. */
    private static final Pattern CERTIFICATE = Pattern
            .compile("-----BEGIN CERTIFICATE-----.*?(-----END CERTIFICATE-----|\\z)", Pattern.DOTALL);
    private static final String FOR_TLS = "RSA, or EC with the curve P-256, P-384 or P-521";
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
     * @throws IOException if there is no certificate, or a certificate is broken; the message is one sentence that names the file
     */
    public List<X509Certificate> certificates(String keySetting) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (MatchResult block : CERTIFICATE.matcher(content).results().toList()) {
                certificates.add(certificate(block));
            }
        } catch (CertificateException e) {
            throw new IOException(name() + " holds a certificate that is broken: " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw lacks("certificate", "private key", keySetting);
        }
        return certificates;
    }

    /**
     * Returns the private key for TLS in the file: PKCS #8, PKCS #1 or SEC 1.
     *
     * @param certificateSetting the setting that the operator may have confused with this one
     * @throws IOException if there is no key, or the key is broken, encrypted or not suited to TLS, such as an Ed25519 key; the
     *             message is one sentence that names the file
     */
    public PrivateKey privateKey(String certificateSetting) throws IOException {
        MatchResult block = BLOCK.matcher(content).results().filter(it -> it.group(1).endsWith("PRIVATE KEY")).findFirst()
                .orElseThrow(() -> lacks("private key", "certificate", certificateSetting));
        if (block.group(1).startsWith("ENCRYPTED") || block.group(2).contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IOException(name() + " is encrypted, and the hub cannot ask for its password; openssl pkey -in " + path
                    + " -out NEW decrypts it");
        }
        try {
            PrivateKey key = Der.privateKey(block.group(1), bytes(block));
            if (key instanceof EdECPrivateKey) {
                throw new IOException(
                        name() + " holds an Ed25519 key, which browsers do not accept for TLS; it must be " + FOR_TLS);
            }
            return key;
        } catch (InvalidParameterSpecException e) {
            throw new IOException(
                    name() + " holds a key in the form of SEC 1 (BEGIN EC PRIVATE KEY) that is of another curve, or "
                            + "does not name its curve; the curve must be P-256, P-384 or P-521",
                    e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    name() + " holds a key that is broken, or of another kind than " + FOR_TLS + ": " + e.getMessage(), e);
        }
    }

    private IOException lacks(String wanted, String other, String otherSetting) {
        if (content.isBlank()) {
            return new IOException(name() + " is empty");
        }
        return new IOException(name() + (content.contains(other.toUpperCase(Locale.ROOT) + "-----")
                ? " holds a " + other + " and no " + wanted + "; is it the one for " + otherSetting + "?"
                : " holds no complete " + wanted + "; it must be PEM (-----BEGIN " + wanted.toUpperCase(Locale.ROOT) + "-----)"));
    }

    /**
     * Reads a public key that tokens are checked with.
     *
     * @param text a PEM block of type PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE
     * @throws IllegalArgumentException if the text is something else; the message is one sentence without the text
     */
    static JWK publicKey(String text) {
        Matcher block = BLOCK.matcher(text);
        String type = block.lookingAt() ? block.group(1) : "";
        if (type.endsWith("PRIVATE KEY")) {
            throw VerifyingKey.privateKey();
        }
        try {
            return jwk(switch (type) {
                case "PUBLIC KEY", "RSA PUBLIC KEY" -> Der.publicKey(type, bytes(block));
                case "CERTIFICATE" -> certificate(block).getPublicKey();
                default -> throw new GeneralSecurityException("another block, or not a complete one");
            });
        } catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException("the key cannot be read; it must be the PEM of a PUBLIC KEY, RSA PUBLIC KEY or "
                    + "CERTIFICATE, of the kind RSA, Ed25519, or EC with the curve P-256, P-384 or P-521", e);
        }
    }

    private static JWK jwk(PublicKey key) throws GeneralSecurityException {
        return switch (key) {
            case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
            case ECPublicKey ec -> new ECKey.Builder(Optional.ofNullable(Curve.forECParameterSpec(ec.getParams()))
                    .orElseThrow(() -> new GeneralSecurityException("another curve")), ec).build();
            case EdECPublicKey ed when ed.getParams().getName().equals(Curve.Ed25519.getName()) ->
                new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(Der.x(ed))).build();
            default -> throw new GeneralSecurityException("another kind: " + key.getAlgorithm());
        };
    }

    private static X509Certificate certificate(MatchResult block) throws CertificateException {
        if (!block.group().endsWith("-----END CERTIFICATE-----")) {
            throw new CertificateException("it is cut off");
        }
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(block.group().getBytes(ISO_8859_1)));
    }

    private static byte[] bytes(MatchResult block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }
}
