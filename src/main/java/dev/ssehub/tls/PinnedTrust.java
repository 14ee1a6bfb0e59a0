package dev.ssehub.tls;

import module java.base;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** Trusts exactly one certificate, and does not check its issuer and its name. */
public final class PinnedTrust extends X509ExtendedTrustManager {
    private final X509Certificate certificate;

    private PinnedTrust(X509Certificate certificate) {
        this.certificate = certificate;
    }

    /** Returns a TLS context for clients of a server with this certificate. */
    public static SSLContext of(X509Certificate certificate) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[]{new PinnedTrust(certificate)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        if (!chain[0].equals(certificate)) {
            throw new CertificateException("the server has another certificate than server.tls.certificate: that of "
                    + chain[0].getSubjectX500Principal().getName());
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
