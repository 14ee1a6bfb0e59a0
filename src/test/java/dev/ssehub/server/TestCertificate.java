package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ssehub.tls.TlsFiles;
import java.security.cert.X509Certificate;

/** A certificate that has signed itself, made by the keytool of the JDK, with its key. */
public record TestCertificate(X509Certificate certificate, PrivateKey key) {

    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String[] EC = {"-keyalg", "EC", "-groupname", "secp256r1"};
    private static final String[] RSA = {"-keyalg", "RSA", "-keysize", "2048"};

    public static TestCertificate ec(String name, String... options) throws Exception {
        return create(name, EC, options);
    }

    static TestCertificate rsa(String name) throws Exception {
        return create(name, RSA);
    }

    private static TestCertificate create(String name, String[] algorithm, String... options) throws Exception {
        Path folder = Files.createTempDirectory("certificate");
        Path store = folder.resolve("store.p12");
        try {
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair", "-alias", "hub", "-dname", "CN=" + name, "-ext", "san=dns:localhost,ip:127.0.0.1",
                    "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", new String(PASSWORD)));
            command.addAll(List.of(algorithm));
            command.addAll(List.of(options));
            Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
            if (keytool.waitFor() != 0) {
                throw new IOException(output);
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD);
            }
            return new TestCertificate((X509Certificate) keys.getCertificate("hub"), (PrivateKey) keys.getKey("hub", PASSWORD));
        } finally {
            Files.deleteIfExists(store);
            Files.delete(folder);
        }
    }

    /** Writes both into this folder, or over what is there. */
    public TlsFiles write(Path folder) throws Exception {
        TlsFiles files = new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        Files.writeString(files.certificate(), certificatePem());
        Files.writeString(files.privateKey(), keyPem());
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

    /** A client's that trusts this certificate, and has never been here before. */
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
