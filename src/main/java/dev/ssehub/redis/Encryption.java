package dev.ssehub.redis;

import module java.base;
import dev.ssehub.keys.Pem;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Reads the files for TLS. */
final class Encryption {
    private static final char[] NO_PASSWORD = {};

    private Encryption() {}

    /**
     * Returns how to encrypt connections; empty if they are not encrypted.
     *
     * @throws IOException if a file cannot be used; the message is one sentence that names the setting and the file
     */
    static Optional<SSLContext> of(RedisSettings settings) throws IOException {
        if (!settings.uri().tls()) {
            return Optional.empty();
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(settings), trust(settings), null);
            return Optional.of(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private static TrustManager @Nullable [] trust(RedisSettings settings) throws IOException, GeneralSecurityException {
        if (settings.trust().isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        List<X509Certificate> certificates = Pem.read(RedisSettings.TRUST, settings.trust().get())
                .certificates(RedisSettings.PRIVATE_KEY);
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("authority" + i, certificates.get(i));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return managers.getTrustManagers();
    }

    private static KeyManager @Nullable [] keys(RedisSettings settings) throws IOException, GeneralSecurityException {
        if (settings.certificate().isEmpty() || settings.privateKey().isEmpty()) {
            return null;
        }
        List<X509Certificate> chain = Pem.read(RedisSettings.CERTIFICATE, settings.certificate().get())
                .certificates(RedisSettings.PRIVATE_KEY);
        PrivateKey key = Pem.read(RedisSettings.PRIVATE_KEY, settings.privateKey().get()).privateKey(RedisSettings.CERTIFICATE);
        KeyStore store = emptyStore();
        store.setKeyEntry("hub", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        return managers.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
