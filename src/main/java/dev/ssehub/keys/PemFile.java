package dev.ssehub.keys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidParameterSpecException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.pki.PkiException;

/**
 * What a PEM file (RFC 7468) held when it was read.
 *
 * @param setting the key of the configuration that names it
 */
public record PemFile(String setting, Path path, String content) {

    private static final String CERTIFICATE = "server.tls.certificate";
    private static final String PRIVATE_KEY = "server.tls.private-key";
    /** One that is cut off is no end of those before it. */
    private static final Pattern CERTIFICATES = Pattern
            .compile("-----BEGIN CERTIFICATE-----.*?(?:-----END CERTIFICATE-----|\\z)", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----(.*?)-----END \\1-----",
            Pattern.DOTALL);

    public static PemFile certificate(Path path) throws IOException {
        return read(CERTIFICATE, path);
    }

    public static PemFile privateKey(Path path) throws IOException {
        return read(PRIVATE_KEY, path);
    }

    private static PemFile read(String setting, Path path) throws IOException {
        try {
            if (Files.exists(path) && !Files.isRegularFile(path)) { // who reads a pipe may wait for ever
                throw new IOException(Files.isDirectory(path) ? "it is a directory" : "it is not a regular file");
            }
            return new PemFile(setting, path, Files.readString(path, ISO_8859_1));
        } catch (IOException e) {
            throw new IOException(name(setting, path) + " cannot be read: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "no permission";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    /** What it is and where, to begin a message with. */
    public String name() {
        return name(setting, path);
    }

    private static String name(String setting, Path path) {
        return setting + ": the file " + path;
    }

    /** Without the content, which may be secret. */
    @Override
    public String toString() {
        return name();
    }

    /**
     * The certificates in it, one at least.
     *
     * @throws IOException if there is none, or one is broken
     */
    public List<X509Certificate> certificates() throws IOException {
        List<String> blocks = CERTIFICATES.matcher(content).results().map(MatchResult::group).toList();
        if (blocks.isEmpty()) {
            throw holdsNone("certificate", "CERTIFICATE", KEY.matcher(content).find() ? "a private key" : "", PRIVATE_KEY);
        }
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> certificates = new ArrayList<>();
            for (String block : blocks) {
                certificates.add((X509Certificate) factory
                        .generateCertificate(new ByteArrayInputStream(block.getBytes(ISO_8859_1))));
            }
            return certificates;
        } catch (CertificateException e) {
            throw new IOException(name() + " holds a certificate that is broken: " + e.getMessage(), e);
        }
    }

    /**
     * The private key in it.
     *
     * @throws IOException if there is none, or it is broken, encrypted or of a form or kind that is not known
     */
    public PrivateKey key() throws IOException {
        Matcher block = KEY.matcher(content);
        if (!block.find()) {
            throw holdsNone("private key", "PRIVATE KEY", CERTIFICATES.matcher(content).find() ? "a certificate" : "",
                    CERTIFICATE);
        }
        if (block.group(1).startsWith("ENCRYPTED") || block.group().contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IOException(name() + " is encrypted, and nobody could type its password; openssl pkey -in " + path
                    + " -out NEW decrypts it");
        }
        try {
            if (block.group(1).startsWith("EC ")) {
                return Sec1Key.read(Base64.getMimeDecoder().decode(block.group(2)));
            }
            return Keys.builder().pem(pem -> pem.key(Resource.create(name(), block.group()))).build().privateKey().orElseThrow();
        } catch (InvalidParameterSpecException e) {
            throw new IOException(
                    name() + " holds a key in the form of SEC 1 (BEGIN EC PRIVATE KEY) that is of another curve, or "
                            + "does not name it; allowed are P-256, P-384 and P-521",
                    e);
        } catch (PkiException | GeneralSecurityException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new IOException(name() + " holds a key that is broken, or neither RSA nor EC: " + e.getMessage(), e);
        }
    }

    private IOException holdsNone(String wanted, String label, String found, String otherSetting) {
        return new IOException(name() + (content.isBlank()
                ? " is empty"
                : !found.isEmpty()
                        ? " holds " + found + " and no " + wanted + "; is it the one for " + otherSetting + "?"
                        : " holds no whole " + wanted + "; allowed is PEM (-----BEGIN " + label + "-----)"));
    }
}
