package dev.ssehub.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

import dev.ssehub.keys.PemFile;

import io.helidon.common.tls.Tls;

/**
 * What the server needs to speak TLS, from files that are good for each other.
 *
 * @param certificate the server's own
 */
public record TlsContext(Source source, X509Certificate certificate, Tls tls) {

    /** TLS 1.2 without tickets keeps a session for each client that may come back: not for more than these. */
    private static final int SESSIONS = 1_000;
    private static final byte[] PROBE = "anything that can be signed".getBytes(US_ASCII);

    /**
     * Refuses a certificate that no client would accept at this time (RFC 5280, 4.1.2.5).
     *
     * @throws IOException if its time is over, or not yet there; the message says when that is
     */
    void requireValid(Instant now) throws IOException {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isBefore(begin)) {
            throw new IOException(described() + " that is not valid before " + begin);
        }
        if (now.isAfter(end)) {
            throw new IOException(described() + " that has ended at " + end);
        }
    }

    private String described() {
        return source.certificate().name() + " holds a certificate, that of "
                + certificate.getSubjectX500Principal().getName() + ",";
    }

    /** Two files, as they were when they were read. */
    public record Source(PemFile certificate, PemFile privateKey) {

        /**
         * Reads both.
         *
         * @throws IOException if one cannot be read; the message says which, and why
         */
        public static Source read(TlsFiles files) throws IOException {
            return new Source(PemFile.certificate(files.certificate()), PemFile.privateKey(files.privateKey()));
        }

        /**
         * Looks at what is in them.
         *
         * @throws IOException if one is broken, or the key is not the certificate's; the message says what is wrong
         */
        public TlsContext load() throws IOException {
            List<X509Certificate> chain = certificate.certificates();
            PrivateKey key = privateKey.key();
            if (!belongTogether(chain.getFirst(), key)) {
                throw new IOException(privateKey.name() + " holds a key that does not belong to the certificate in "
                        + certificate.path() + "; if that holds more than one, the server's must be the first");
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
                signature.initVerify(certificate.getPublicKey()); // not the certificate: that may not be for signing
                signature.update(PROBE);
                return signature.verify(signed);
            } catch (GeneralSecurityException e) {
                return false; // of another size or curve
            }
        }
    }
}
