package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ssehub.tls.TlsFiles;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate and its private key. */
public record TestCertificate(X509Certificate certificate, PrivateKey key) {
    private static final Duration VALIDITY = Duration.ofDays(90);

    public static TestCertificate ec(String name) throws Exception {
        return ec(name, Duration.ZERO, VALIDITY);
    }

    /** @param start when the validity begins, from now; may be negative */
    public static TestCertificate ec(String name, Duration start, Duration validity) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return create(name, generator, "SHA256withECDSA", start, validity);
    }

    public static TestCertificate rsa(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return create(name, generator, "SHA256withRSA", Duration.ZERO, VALIDITY);
    }

    private static TestCertificate create(String name, KeyPairGenerator generator, String signature, Duration start,
            Duration validity) throws Exception {
        KeyPair pair = generator.generateKeyPair();
        Instant from = Instant.now().plus(start);
        X500Name subject = new X500Name("CN=" + name);
        GeneralNames names = new GeneralNames(new GeneralName[]{new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1")});
        X509CertificateHolder holder = new JcaX509v3CertificateBuilder(subject, new BigInteger(64, new SecureRandom()),
                Date.from(from), Date.from(from.plus(validity)), subject, pair.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, names)
                .build(new JcaContentSignerBuilder(signature).build(pair.getPrivate()));
        return new TestCertificate(new JcaX509CertificateConverter().getCertificate(holder), pair.getPrivate());
    }

    /** Replaces both files, almost at once: a hub may read them at any time. */
    public TlsFiles write(Path folder) throws Exception {
        TlsFiles files = new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        Path certificate = Files.writeString(folder.resolve("new.crt"), certificatePem());
        Path key = Files.writeString(folder.resolve("new.key"), keyPem());
        Files.move(certificate, files.certificate(), StandardCopyOption.ATOMIC_MOVE);
        Files.move(key, files.privateKey(), StandardCopyOption.ATOMIC_MOVE);
        return files;
    }

    String certificatePem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content)
                + "\n-----END " + label + "-----\n";
    }

    /** Returns a new context for a client that trusts this certificate. */
    public SSLContext client() throws Exception {
        return client("TLS");
    }

    SSLContext client(String protocol) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("hub", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance(protocol);
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
