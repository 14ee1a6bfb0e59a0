package dev.ssehub.tls;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ssehub.keys.Pem;
import io.helidon.common.tls.Tls;
import java.security.Signature;
import java.security.cert.X509Certificate;

/**
 * What the server needs to speak TLS, made from a certificate and its private key.
 *
 * @param certificate the server's own certificate
 */
public record TlsContext(Source source, X509Certificate certificate, Tls tls) {
    /** The maximum number of cached sessions. TLS 1.2 without tickets caches one for each client that may come back. */
    private static final int SESSIONS = 1_000;
    private static final Duration SOON = Duration.ofDays(14);
    private static final byte[] PROBE = "anything that can be signed".getBytes(US_ASCII);

    String name() {
        return certificate.getSubjectX500Principal().getName();
    }

    /** Returns a sentence for the operator if clients do not accept the certificate now, or will soon not accept it any more. */
    public Optional<String> doubt(Instant now) {
        if (now.isBefore(begin())) {
            return Optional.of("the certificate of " + name() + " is not valid before " + begin());
        }
        return now.plus(SOON).isAfter(end())
                ? Optional
                        .of("the certificate of " + name() + (now.isAfter(end()) ? " expired at " : " expires soon, at ") + end())
                : Optional.empty();
    }

    Instant begin() {
        return certificate.getNotBefore().toInstant();
    }

    Instant end() {
        return certificate.getNotAfter().toInstant();
    }

    /** The content of the two files. */
    public record Source(Pem certificate, Pem privateKey) {
        /**
         * Reads both files.
         *
         * @throws IOException if a file cannot be read; the message is one sentence that names setting and file
         */
        public static Source read(TlsFiles files) throws IOException {
            return new Source(Pem.read(TlsFiles.CERTIFICATE, files.certificate()),
                    Pem.read(TlsFiles.PRIVATE_KEY, files.privateKey()));
        }

        /**
         * Parses both files.
         *
         * @throws IOException if a file is broken, or the files do not belong together; the message is one sentence that names setting
         *             and file
         */
        public TlsContext load() throws IOException {
            List<X509Certificate> chain = certificate.certificates(TlsFiles.PRIVATE_KEY);
            PrivateKey key = privateKey.privateKey(TlsFiles.CERTIFICATE);
            if (!belongTogether(chain.getFirst(), key)) {
                throw new IOException(privateKey.name() + " holds a key that does not belong to the certificate in "
                        + certificate.path() + "; if that file holds several certificates, the server's must be the first");
            }
            return new TlsContext(this, chain.getFirst(),
                    Tls.builder().privateKey(key).privateKeyCertChain(chain).sessionCacheSize(SESSIONS).build());
        }

        private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
            if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
                return false;
            }
            try {
                Signature signature = Signature
                        .getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
                signature.initSign(key);
                signature.update(PROBE);
                byte[] signed = signature.sign();
                signature.initVerify(certificate.getPublicKey()); // the key, because the certificate may not be for signing
                signature.update(PROBE);
                return signature.verify(signed);
            } catch (GeneralSecurityException e) {
                return false; // the keys have different sizes or curves
            }
        }
    }
}
