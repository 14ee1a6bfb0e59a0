package dev.ssehub;

import module java.base;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ssehub.redis.RedisServer;
import dev.ssehub.server.TestCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sse-hub check} finds. */
class CheckCommandTest {
    @TempDir
    private Path folder;

    private record Result(int code, String out, List<String> err) {}

    private Result check(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("hub.yaml"), "server.host: 127.0.0.1\n" + yaml);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute("check", "--config",
                file.toString());
        return new Result(code, out.toString(), err.toString().lines().map(line -> line.replace(folder + "/", "")).toList());
    }

    @Test
    void printsTheConfigurationAndWhereItComesFrom() throws IOException {
        Result result = check("sse-hub.auth.key: 0123456789012345678901234567890123456789\nserver.port: 0\n");

        assertThat(result.err()).containsExactly("sse-hub: the configuration is valid");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines()).contains("server.host: 127.0.0.1  # " + folder.resolve("hub.yaml") + ":1",
                "sse-hub.auth.key: \"***\"  # " + folder.resolve("hub.yaml") + ":2", "sse-hub.retry: 2s  # defaults");
    }

    /** The hub may be running. */
    @Test
    void aTakenPortIsNoMistake() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = "server.port: " + taken.getLocalPort() + "\n";
            assertThat(check(port).code()).isZero();
            assertThat(check(port + "sse-hub.observe.port: " + taken.getLocalPort()).err()).containsExactly(
                    "sse-hub: cannot listen on sse-hub.observe.host 127.0.0.1, sse-hub.observe.port " + taken.getLocalPort()
                            + ": Address already in use");
        }
    }

    /** A mistake that only the start finds otherwise. All of them are reported. */
    @Test
    void findsEveryMistake() throws Exception {
        TestCertificate.ec("a").write(folder);
        Files.move(folder.resolve("tls.crt"), folder.resolve("other.crt"));
        TestCertificate.ec("b").write(folder);
        Files.writeString(folder.resolve("notes.txt"), "not a database");

        Result result = check("""
                sse-hub.observe: {host: 192.0.2.7, port: 0}
                server.tls: {certificate: DIR/other.crt, private-key: DIR/tls.key}
                sse-hub.auth.key: short
                sse-hub.history.file: DIR/notes.txt
                """.replace("DIR", folder.toString()));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).satisfiesExactly(
                line -> assertThat(line)
                        .startsWith("sse-hub: cannot listen on sse-hub.observe.host 192.0.2.7, sse-hub.observe.port 0: "),
                line -> assertThat(line).startsWith("sse-hub: hub.yaml:3: server.tls.private-key: "),
                line -> assertThat(line).startsWith("sse-hub: hub.yaml:4: sse-hub.auth.key: the secret has 5 bytes"),
                line -> assertThat(line).isEqualTo("sse-hub: the file notes.txt is not a database of the hub"));
    }

    @Test
    void warnsOfWhatIsAllowedButProbablyNotIntended() throws Exception {
        TestCertificate.ec("a", Duration.ofDays(-9), Duration.ofDays(5)).write(folder);
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = closed.getLocalPort();
        }
        Result result = check("""
                server: {port: 0, tls: {certificate: DIR/tls.crt, private-key: DIR/tls.key}}
                sse-hub.auth.jwks: http://127.0.0.1:PORT/keys
                sse-hub.feeds.log: {enabled: true, file: DIR/missing.log}
                sse-hub.subscriptions.anonymous: true
                """.replace("DIR", folder.toString()).replace("PORT", "" + port));

        assertThat(result.code()).isZero();
        assertThat(result.err()).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).startsWith("sse-hub: warning: the certificate of CN=a expired at "),
                line -> assertThat(line).isEqualTo(
                        "sse-hub: warning: the keys for tokens cannot be read from http://127.0.0.1:" + port + "/keys"),
                line -> assertThat(line)
                        .isEqualTo("sse-hub: warning: the file missing.log cannot be read; the feed log waits for it"),
                line -> assertThat(line).startsWith("sse-hub: warning: sse-hub.subscriptions.anonymous has no effect"),
                line -> assertThat(line).isEqualTo("sse-hub: the configuration is valid"));
    }

    @Test
    void needsRedis() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            String uri = "server.port: 0\nsse-hub.transport.redis.uri: redis://USER127.0.0.1:" + redis.port() + "\n";
            assertThat(check(uri.replace("USER", "")).err()).containsExactly("sse-hub: the configuration is valid");
            Result refused = check(uri.replace("USER", "hub:secret@"));
            assertThat(refused.err()).singleElement().asString()
                    .startsWith("sse-hub: Redis cannot be used: Redis refuses the user or the password: WRONGPASS");
            assertThat(refused.out()).contains("uri: \"redis://***@127.0.0.1:" + redis.port() + "\"").doesNotContain("secret");
            assertThat(check(uri.replace("USER", "hub@") + "sse-hub.transport.redis.password-file: " + folder + "/none").err())
                    .containsExactly("sse-hub: hub.yaml:4: sse-hub.transport.redis.password-file: the file none cannot be read: "
                            + "there is no such file");
        }
    }

    @Test
    void refusesAHistoryThatItMayNotWriteOrThatIsNotThere() throws IOException {
        assertThat(check("server.port: 0\nsse-hub.history.file: " + folder + "/none/hub.db").err())
                .containsExactly("sse-hub: the file none/hub.db cannot be opened: there is no such file or folder");
        assertThat(check("server.port: 0\nsse-hub.history.file: " + folder + "/hub.db").code()).isZero();
        assertThat(folder.resolve("hub.db")).as("created by the check").doesNotExist();
    }

    @Test
    void aWrongValueIsOneLine() throws IOException {
        Result result = check("sse-hub.retry: soon");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).singleElement().asString().startsWith("sse-hub: hub.yaml:2: sse-hub.retry is 'soon'");
    }
}
