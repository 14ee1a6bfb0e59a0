package dev.ssehub.tls;

import module java.base;
import dev.ssehub.keys.Pem;
import java.security.cert.X509Certificate;

/**
 * The PEM files of a server that speaks TLS.
 *
 * @param certificate the server's certificate, followed by the intermediate certificates up to one that clients know
 * @param privateKey the key of the server's certificate, not encrypted
 */
public record TlsFiles(Path certificate, Path privateKey) {
    public static final String CERTIFICATE = "server.tls.certificate";
    public static final String PRIVATE_KEY = "server.tls.private-key";

    /**
     * Reads the certificates, the server's first.
     *
     * @throws IOException if no certificate is there, or one is broken; the message is one sentence that names setting and file
     */
    public List<X509Certificate> readCertificates() throws IOException {
        return Pem.read(CERTIFICATE, certificate).certificates(PRIVATE_KEY);
    }
}
