package dev.ssehub;

import module java.base;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import dev.ssehub.auth.Grant;
import dev.ssehub.auth.InvalidTokenException;
import dev.ssehub.auth.JwtAuthorizer;
import dev.ssehub.auth.Token;
import dev.ssehub.auth.TokenIssuer;
import dev.ssehub.auth.TokenSettings;
import dev.ssehub.config.HubConfig;
import dev.ssehub.config.StartupException;
import dev.ssehub.topic.TopicSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The tokens that the command line prints, and how the hub starts with keys; which tokens are valid: {@code JwtAuthorizerTest}. */
class TokenCommandTest {
    private static final String SECRET = "a-secret-of-which-nothing-may-ever-be-seen-anywhere-0123456789-0123456789";
    private static final String OTHER = "another-secret-of-which-nothing-may-ever-be-seen-0123456789";

    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {
        String token() {
            assertThat(code).as(toString()).isZero();
            assertThat(err).isEmpty();
            assertThat(out).matches("[^\\s.]+\\.[^\\s.]+\\.[^\\s.]+\\R");
            return out.strip();
        }

        /** The output, which is one line. */
        String mistake(int expected) {
            assertThat(code).as(toString()).isEqualTo(expected);
            assertThat(out).isEmpty();
            assertThat(err).startsWith("sse-hub: ").endsWith(System.lineSeparator()).hasLineCount(1).doesNotContain(SECRET,
                    OTHER);
            return err.strip().substring("sse-hub: ".length());
        }
    }

    private Path config(String auth) throws Exception {
        return Files.writeString(folder.resolve("config.yaml"), "sse-hub: {auth: {" + auth + "}}");
    }

    /** Returns the beginning of a message about a key in {@link #config}. */
    private String inFile(String key) {
        return folder.resolve("config.yaml") + ":1: " + key;
    }

    private Outcome token(String auth, String... arguments) throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = commandLine
                .execute(Stream.concat(Stream.of("token", "--config", config(auth).toString()), Arrays.stream(arguments))
                        .toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    /** Returns the authorizer of the hub with the same configuration. */
    private JwtAuthorizer authorizer(String auth) throws Exception {
        HubConfig config = HubConfig.load(config(auth), Map.of(), Map.of());
        return JwtAuthorizer.create(config.tokens().orElseThrow(), Grant.NONE, InstantSource.system());
    }

    private static String publicKey() throws Exception {
        return "-----BEGIN PUBLIC KEY-----\\n" + Base64.getEncoder()
                .encodeToString(KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic().getEncoded())
                + "\\n-----END PUBLIC KEY-----";
    }

    @ParameterizedTest
    @ValueSource(strings = {"key: " + SECRET, "key: " + SECRET + ", algorithm: HS512",
            "key: " + SECRET + ", issuer: me, audience: you",
            "key: ' " + SECRET + " '"})
    void printsATokenThatTheHubAccepts(String auth) throws Exception {
        String text = token(auth, "--publish", "chat", "--publish", "/a{/b,c}", "--subscribe", "*", "--subject", "someone",
                "--expires",
                "2m").token();
        Token token = authorizer(auth).publisher(text);

        List<TopicSelector> all = List.of(TopicSelector.parse("*"));
        assertThat(token.grant())
                .isEqualTo(new Grant(List.of(TopicSelector.parse("chat"), TopicSelector.parse("/a{/b,c}")), all, all));
        assertThat(token.subject()).contains("someone");
        assertThat(authorizer(auth).subscriber(text)).isEqualTo(token);
        assertThat(token.expires().orElseThrow()).isBetween(Instant.now().plusSeconds(60), Instant.now().plusSeconds(126));
    }

    @Test
    void printsATokenForOneHourByDefault() throws Exception {
        Token token = authorizer("key: " + SECRET).publisher(token("key: " + SECRET, "--publish", "a").token());
        Instant hour = Instant.now().plus(1, ChronoUnit.HOURS);

        assertThat(token.expires().orElseThrow()).isBetween(hour.minus(Duration.ofMinutes(1)), hour.plusSeconds(6));
        assertThat(token.subject()).isEmpty();
        assertThat(token.grant().subscribe()).isEmpty();
    }

    /** A token holds whole seconds, and the hub accepts none from its last second on. */
    @Test
    void printsATokenThatIsValidForTheWholeTime() throws Exception {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusMillis(900);
        TokenSettings settings = HubConfig.load(config("key: " + SECRET), Map.of(), Map.of()).tokens().orElseThrow();
        String text = new TokenIssuer(settings, InstantSource.fixed(now)).issue(
                new Grant(List.of(TopicSelector.parse("a")), List.of(), List.of()), Duration.ofSeconds(1), Optional.empty());
        assertThat(JwtAuthorizer.create(settings, Grant.NONE, InstantSource.fixed(now.plusMillis(999))).publisher(text))
                .isNotNull();
    }

    @Test
    void readsTheSecretFromAFile() throws Exception {
        String auth = "key-file: '" + Files.writeString(folder.resolve("secret"), SECRET + "\n") + "'";
        assertThat(authorizer(auth).publisher(token(auth, "--publish", "a").token())).isNotNull();
        assertThat(authorizer("key: " + SECRET).publisher(token(auth, "--publish", "a").token())).isNotNull();
    }

    @Test
    void signsASubscribersTokenWithTheSubscribersKey() throws Exception {
        String auth = "key: " + SECRET + ", subscriber: {key: " + OTHER + "}";
        JwtAuthorizer authorizer = authorizer(auth);

        assertThat(authorizer.publisher(token(auth, "--publish", "a").token()).grant().mayPublish("a")).isTrue();
        assertThat(authorizer.subscriber(token(auth, "--subscribe", "a").token()).grant().maySee("a")).isTrue();
        assertThat(token(auth, "--publish", "a", "--subscribe", "a").mistake(1))
                .isEqualTo(
                        "publishers and subscribers have different keys (sse-hub.auth.subscriber), and operators have the key of "
                                + "publishers, so one token cannot be for both; ask for two");
        assertThat(authorizer.publisher(token(auth, "--operate").token()).grant().operate()).isTrue();
        assertThat(authorizer.publisher(token(auth, "--publish", "a").token()).grant().operate()).isFalse();
        assertThat(token(auth, "--operate", "--subscribe", "a").mistake(1)).startsWith("publishers and subscribers have");
    }

    @Test
    void asksForASecretIfThereIsNone() throws Exception {
        assertThat(token("", "--publish", "a").mistake(1)).isEqualTo(
                "there is no key for tokens; configure a secret (SSE_HUB_AUTH_KEY), such as: openssl rand -base64 32");
        String publicOnly = "tokens are checked with public keys only, so only the owner of the private key can sign them; for a token of "
                + "the hub, configure a secret (SSE_HUB_AUTH_KEY, or one in a file of keys), such as: openssl rand -base64 32";
        String pem = publicKey();
        assertThat(token("key: \"" + pem + "\"", "--publish", "a").mistake(1))
                .isEqualTo(inFile("sse-hub.auth.key: ") + publicOnly);
        assertThat(token("jwks: https://localhost/keys", "--subscribe", "a").mistake(1))
                .isEqualTo(inFile("sse-hub.auth.jwks: ") + publicOnly);
        assertThat(token("key: " + SECRET + ", subscriber: {key: \"" + pem + "\"}", "--subscribe", "a").mistake(1))
                .isEqualTo(
                        inFile("sse-hub.auth.subscriber.key: ")
                                + publicOnly.replace("SSE_HUB_AUTH_KEY", "SSE_HUB_AUTH_SUBSCRIBER_KEY"));
    }

    @Test
    void signsWithTheLastUsableSecretOfASet() throws Exception {
        String old = oct(SECRET, "");
        String newest = oct(OTHER, ",\"kid\":\"newest\"");
        String auth = set(old, newest, oct("short", ""), oct(SECRET, ",\"use\":\"enc\""), publicJwk());

        String text = token(auth, "--publish", "a").token();
        assertThat(SignedJWT.parse(text).getHeader().getKeyID()).isEqualTo("newest");
        assertThat(authorizer("key: " + OTHER).publisher(text).grant().mayPublish("a")).isTrue();
        try (JwtAuthorizer hub = authorizer(auth)) {
            assertThat(hub.publisher(text).grant().mayPublish("a")).isTrue();
        }
        assertThat(authorizer("key: " + SECRET).publisher(token(set(newest, old), "--publish", "a").token())).isNotNull();
        assertThat(authorizer("key: " + OTHER + ", algorithm: HS384")
                .publisher(token(set(newest) + ", algorithm: HS384", "--publish", "a").token())).isNotNull();
        assertThat(watchers()).isZero();
    }

    @Test
    void refusesToSignWithASetOfPublicKeys() throws Exception {
        assertThat(token(set(publicJwk(), oct("short", "")), "--publish", "a").mistake(1))
                .startsWith(inFile("sse-hub.auth.jwks: ") + "tokens are checked with public keys only, ");
        assertThat(token("jwks: nowhere", "--publish", "a").mistake(1))
                .isEqualTo(inFile("sse-hub.auth.jwks: ") + "the file nowhere cannot be read: there is no such file");
        assertThat(watchers()).isZero();
    }

    private String set(String... keys) throws Exception {
        return "jwks: '" + Files.writeString(folder.resolve("keys.json"), "{\"keys\":[" + String.join(",", keys) + "]}") + "'";
    }

    private static String oct(String secret, String more) {
        return "{\"kty\":\"oct\",\"k\":\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret.getBytes(UTF_8)) + "\""
                + more + "}";
    }

    private static String publicJwk() throws Exception {
        return new RSAKeyGenerator(2048).generate().toPublicJWK().toJSONString();
    }

    @Test
    void refusesToSignWithASecretThatTheHubRefuses() throws Exception {
        assertThat(token("key: short", "--publish", "a").mistake(1))
                .isEqualTo(
                        inFile("sse-hub.auth.key: ")
                                + "the secret has 5 bytes; HS256 needs at least 32, for example: openssl rand -base64 32");
        assertThat(token("key: " + SECRET + ", algorithm: RS256", "--publish", "a").mistake(1))
                .isEqualTo(
                        inFile("sse-hub.auth.key: ")
                                + "the algorithm RS256 does not suit the key, which is a secret; the key allows HS256, HS384, HS512");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {" | a token needs --publish, --subscribe or --operate, or it would grant nothing",
            "--publish=a --expires=0s | --expires is PT0S; it must be from PT1S to PT87600H",
            "--publish=a --expires=-PT1H | --expires is PT-1H; it must be from PT1S to PT87600H",
            "--publish=a --expires=999999999h | --expires is PT999999999H; it must be from PT1S to PT87600H",
            "--publish=a --expires=soon | Invalid value for option '--expires': 'soon' is not a duration",
            "--publish= | Invalid value for option '--publish'"})
    void explainsAWrongCommandLine(String arguments, String sentence) throws Exception {
        assertThat(token("key: " + SECRET, arguments == null ? new String[0] : arguments.split(" ")).mistake(2))
                .startsWith(sentence)
                .endsWith("; try --help");
    }

    @Test
    void startsOnlyWithAUsableKey() throws Exception {
        Map<String, String> port = Map.of("server.port", "0", "server.host", "127.0.0.1");
        for (String section : List.of("sse-hub.auth", "sse-hub.auth.subscriber")) {
            String short31 = SECRET.substring(0, 31);
            String auth = section.endsWith("auth")
                    ? "key: " + short31
                    : "key: " + SECRET + ", subscriber: {key: " + short31 + "}";
            HubConfig config = HubConfig.load(config(auth), Map.of(), port);
            try (Application application = Application.start(() -> config, Optional.empty(),
                    Clock.system(ZoneId.systemDefault()))) {
                throw new AssertionError("has started: " + application);
            } catch (StartupException e) {
                assertThat(e).hasMessage(inFile(section) + ".key: the secret has 31 bytes; HS256 needs at least 32, for example: "
                        + "openssl rand -base64 32").hasNoCause();
            }
        }
        HubConfig config = HubConfig.load(config("key: " + SECRET), Map.of(), port);
        try (Application application = Application.start(() -> config,
                Optional.empty(), Clock.system(ZoneId.systemDefault()))) {
            assertThat(application.port()).isPositive();
        }
    }

    @Test
    void stopsWatchingAFileOfKeysWithTheHubAndAfterAFailedStart() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys.json"),
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"" + "A".repeat(43) + "\"}]}");
        Path config = config("jwks: '" + keys + "'");
        Map<String, String> address = Map.of("server.port", "0", "server.host", "127.0.0.1");
        try (Application application = Application.start(() -> HubConfig.load(config, Map.of(), address), Optional.empty(),
                Clock.system(ZoneId.systemDefault()))) {
            assertThat(watchers()).isEqualTo(1);
            Map<String, String> taken = Map.of("server.port", String.valueOf(application.port()), "server.host", "127.0.0.1");
            assertThatExceptionOfType(StartupException.class)
                    .isThrownBy(() -> Application.start(() -> HubConfig.load(config, Map.of(), taken), Optional.empty(),
                            Clock.system(ZoneId.systemDefault())));
            Path mistake = config("jwks: '" + keys + "', subscriber: {key: short}");
            assertThatExceptionOfType(StartupException.class)
                    .isThrownBy(() -> Application.start(() -> HubConfig.load(mistake, Map.of(), address), Optional.empty(),
                            Clock.system(ZoneId.systemDefault())));
            assertThat(watchers()).isEqualTo(1);
        }
        assertThat(watchers()).isZero();
    }

    private static long watchers() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("jwks-file")).count();
    }

    @Test
    void refusesATokenOfAnotherSecret() throws Exception {
        String text = token("key: " + SECRET, "--publish", "a").token();
        try {
            authorizer("key: " + OTHER).publisher(text);
            throw new AssertionError("accepted");
        } catch (InvalidTokenException e) {
            assertThat(e).hasMessage("the signature of the token is not valid, or made with another key");
        }
    }
}
