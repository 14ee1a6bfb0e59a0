package dev.ssehub.server;

import module java.base;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.ssehub.cluster.Cluster;
import dev.ssehub.hub.Hub;
import dev.ssehub.metrics.Meters;
import dev.ssehub.tls.TlsFiles;
import dev.ssehub.tracing.Tracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes in the files of certificate and key. One line explains each, at the start and later. */
class TlsMistakesTest {
    private static TestCertificate right;
    private static TestCertificate other;

    @TempDir
    private Path folder;
    private TlsFiles files;
    private final Hub hub = TestHub.create();
    private final TestSettings settings = new TestSettings();
    private final LogCapture log = new LogCapture();

    private interface Change {
        void make(TlsFiles files) throws Exception;
    }

    /**
     * Something that is wrong with the files.
     *
     * @param message how the sentence begins; with C and K for the settings and their files, c and k for the paths
     */
    private record Mistake(String name, Change change, String message) {
        private String message(TlsFiles files) {
            return message.replace("<C>", "server.tls.certificate: the file " + files.certificate())
                    .replace("<K>", "server.tls.private-key: the file " + files.privateKey())
                    .replace("<c>", files.certificate().toString()).replace("<k>", files.privateKey().toString());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Mistake> mistakes() {
        List<Mistake> all = new ArrayList<>();
        all.add(new Mistake("swapped", files -> {
            Files.writeString(files.certificate(), right.keyPem());
            Files.writeString(files.privateKey(), right.certificatePem());
        }, "<C> holds a private key and no certificate; is it the one for server.tls.private-key?"));
        all.add(new Mistake("a certificate as key", files -> Files.writeString(files.privateKey(), right.certificatePem()),
                "<K> holds a certificate and no private key; is it the one for server.tls.certificate?"));
        all.add(new Mistake("no certificate", files -> Files.writeString(files.certificate(), "no PEM\n"),
                "<C> holds no complete certificate; it must be PEM (-----BEGIN CERTIFICATE-----)"));
        all.add(new Mistake("not pem but der", files -> Files.write(files.certificate(), right.certificate().getEncoded()),
                "<C> holds no complete certificate; it must be PEM (-----BEGIN CERTIFICATE-----)"));
        all.add(new Mistake("half a certificate",
                files -> Files.writeString(files.certificate(), right.certificatePem().substring(0, 300)),
                "<C> holds a certificate that is broken: "));
        all.add(new Mistake("half a chain",
                files -> Files.writeString(files.certificate(),
                        right.certificatePem() + right.certificatePem().substring(0, 300)),
                "<C> holds a certificate that is broken: "));
        all.add(new Mistake("an empty certificate", files -> Files.writeString(files.certificate(), ""), "<C> is empty"));
        all.add(new Mistake("an empty key", files -> Files.writeString(files.privateKey(), "\n"), "<K> is empty"));
        all.add(new Mistake("no file", files -> Files.delete(files.certificate()), "<C> cannot be read: there is no such file"));
        all.add(new Mistake("no key file", files -> Files.delete(files.privateKey()),
                "<K> cannot be read: there is no such file"));
        all.add(new Mistake("a folder", files -> replaceByFolder(files.certificate()), "<C> cannot be read: it is a directory"));
        all.add(new Mistake("a key folder", files -> replaceByFolder(files.privateKey()),
                "<K> cannot be read: it is a directory"));
        all.add(new Mistake("unreadable", files -> {
            Files.delete(files.privateKey());
            Files.createSymbolicLink(files.privateKey(), files.privateKey());
        }, "<K> cannot be read: Too many levels of symbolic links"));
        all.add(new Mistake("another key", files -> Files.writeString(files.privateKey(), other.keyPem()),
                "<K> holds a key that does not belong to the certificate in <c>; "));
        all.add(new Mistake("an encrypted key",
                files -> Files.writeString(files.privateKey(),
                        TestCertificate.pem("ENCRYPTED PRIVATE KEY", right.key().getEncoded())),
                "<K> is encrypted, and the hub cannot ask for its password; openssl pkey -in <k> -out NEW decrypts it"));
        all.add(new Mistake("an old encrypted key",
                files -> Files.writeString(files.privateKey(), TestCertificate.pem("RSA PRIVATE KEY", right.key().getEncoded())
                        .replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n")),
                "<K> is encrypted, "));
        all.add(new Mistake("sec1 of another curve",
                files -> Files.writeString(files.privateKey(),
                        TestCertificate.pem("EC PRIVATE KEY",
                                HexFormat.of().parseHex("302e0201010420" + "01".repeat(32) + "a00706052b8104000a"))),
                "<K> holds a key in the form of SEC 1 (BEGIN EC PRIVATE KEY) that is of another curve, or does not name its curve; the curve must be P-256, P-384 or P-521"));
        all.add(new Mistake("broken sec1",
                files -> Files.writeString(files.privateKey(), TestCertificate.pem("EC PRIVATE KEY", right.key().getEncoded())),
                "<K> holds a key that is broken, or of another kind than RSA, or EC with the curve P-256, P-384 or P-521: "));
        all.add(new Mistake("a pipe", files -> replaceByPipe(files.certificate()),
                "<C> cannot be read: it is not a regular file"));
        all.add(new Mistake("a key pipe", files -> replaceByPipe(files.privateKey()),
                "<K> cannot be read: it is not a regular file"));
        all.add(new Mistake("a broken key",
                files -> Files.writeString(files.privateKey(), TestCertificate.pem("PRIVATE KEY", new byte[]{0x30, 3, 2, 1, 0})),
                "<K> holds a key that is broken, or of another kind than RSA, or EC with the curve P-256, P-384 or P-521: "));
        all.add(new Mistake("an ed25519 key",
                files -> Files.writeString(files.privateKey(),
                        TestCertificate.pem("PRIVATE KEY",
                                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded())),
                "<K> holds an Ed25519 key, which browsers do not accept for TLS; it must be RSA, or EC with the curve P-256, P-384 or P-521"));
        all.add(new Mistake("half a key", files -> Files.writeString(files.privateKey(), right.keyPem().substring(0, 100)),
                "<K> holds no complete private key; it must be PEM (-----BEGIN PRIVATE KEY-----)"));
        return all;
    }

    private static void replaceByFolder(Path file) throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
    }

    private static void replaceByPipe(Path file) throws Exception {
        Path pipe = file.resolveSibling("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor()).isZero();
        Files.move(pipe, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        right = TestCertificate.ec("right");
        other = TestCertificate.ec("other");
    }

    @BeforeEach
    void write() throws Exception {
        files = right.write(folder);
        settings.tls = Optional.of(files);
    }

    @AfterEach
    void stop() {
        hub.close();
        log.close();
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // reading a pipe cannot be interrupted
    void refusesToStartWithOneLine(Mistake mistake) throws Exception {
        mistake.change.make(files);
        assertThatIOException().isThrownBy(() -> TestHub.serve(hub, settings).close())
                .withMessageStartingWith(mistake.message(files))
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void warnsAndKeepsTheOldFilesInUse(Mistake mistake) throws Exception {
        try (HubServer server = new HubServer(settings.build(), hub, Cluster.alone(), TestHub.open(), new Meters(), Tracing.NONE,
                Duration.ofMillis(20), System::nanoTime)) {
            mistake.change.make(files); // not atomic: there may also be a warning about a state in between
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(log.warnings()).last().asString()
                    .startsWith(mistake.message(files)).endsWith("; the certificate of CN=right stays in use").hasLineCount(1));
            try (SseClient client = SseClient.opened(right.client(), server.port(), "/sse")) {
                assertThat(client.headers()).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void readsCertificateAndKeyFromOneFile() throws Exception {
        Files.writeString(files.certificate(), right.keyPem() + "a comment\n" + right.certificatePem(), ISO_8859_1);
        settings.tls = Optional.of(new TlsFiles(files.certificate(), files.certificate()));
        try (HubServer server = TestHub.serve(hub, settings);
                SseClient client = SseClient.opened(right.client(), server.port(), "/sse")) {
            assertThat(client.headers()).startsWith("HTTP/1.1 200");
        }
    }
}
