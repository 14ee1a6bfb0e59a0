package dev.ssehub.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.toList;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.pki.PkiException;

/**
 * What a PEM file (RFC 7468) held when it was read.
 *
 * @param name
 *            what it is and where, for messages
 */
record PemFile(String name, String content) {

    private static final Pattern KEY = Pattern.compile("-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.*?-----END \\1-----",
            Pattern.DOTALL);

    static PemFile certificate(Path path) throws IOException {
        return read("the certificate " + path, path);
    }

    static PemFile privateKey(Path path) throws IOException {
        return read("the private key " + path, path);
    }

    private static PemFile read(String name, Path path) throws IOException {
        try {
            return new PemFile(name, Files.readString(path, ISO_8859_1));
        } catch (IOException e) {
            throw new IOException(name + " cannot be read: " + (e instanceof NoSuchFileException
                    ? "there is no such file"
                    : Files.isDirectory(path) ? "it is a directory" : Files.isReadable(path) ? e.getMessage() : "no permission"),
                    e);
        }
    }

    /** Without the content, which may be secret. */
    @Override
    public String toString() {
        return name;
    }

    /**
     * The certificates in it, one at least.
     *
     * @throws IOException
     *             if there is none, or one is broken
     */
    List<X509Certificate> certificates() throws IOException {
        try {
            List<X509Certificate> certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(content.getBytes(ISO_8859_1))).stream()
                    .map(X509Certificate.class::cast).collect(toList());
            if (certificates.isEmpty()) {
                throw new IOException(name + " holds none; allowed is PEM (-----BEGIN CERTIFICATE-----)");
            }
            return certificates;
        } catch (CertificateException e) {
            throw new IOException(name + " is broken, or not PEM (-----BEGIN CERTIFICATE-----): " + e.getMessage(), e);
        }
    }

    /**
     * The private key in it.
     *
     * @throws IOException
     *             if there is none, or it is broken, encrypted or of a form or kind that is not known
     */
    PrivateKey key() throws IOException {
        Matcher block = KEY.matcher(content);
        if (!block.find()) {
            throw new IOException(name + " holds none; allowed is PEM (-----BEGIN PRIVATE KEY-----)");
        }
        if (block.group(1).startsWith("ENCRYPTED") || block.group().contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IOException(name + " is encrypted, and nobody could type its password; "
                    + "openssl pkey -in OLD -out NEW decrypts it");
        }
        if (block.group(1).startsWith("EC ")) {
            throw new IOException(name + " is in the form of SEC 1 (BEGIN EC PRIVATE KEY); allowed is PKCS #8; "
                    + "openssl pkey -in OLD -out NEW changes it");
        }
        try {
            return Keys.builder().pem(pem -> pem.key(Resource.create(name, block.group()))).build().privateKey().orElseThrow();
        } catch (PkiException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new IOException(name + " is broken, or neither RSA nor EC: " + e.getMessage(), e);
        }
    }
}
